package dev.tributary.coordinator.metrics;

import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.privacy.Guarantee;
import dev.tributary.secagg.StepReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Round reports as Prometheus metrics, each with the label {@code job}, and what the process counts
 * of requests. The counter {@code tributary_clients_total} partitions the cohorts: every member of
 * every round of a job is in exactly one of its outcomes.
 */
public final class CoordinatorMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, RoundListener> jobs = new ConcurrentHashMap<>();
  private final Counter limited =
      Counter.builder("tributary.requests.limited")
          .description("Requests that were refused for their number, or for want of room")
          .register(registry);
  private volatile BooleanSupplier paused = () -> false;

  /** Metrics of one coordinator, without a job yet. */
  public CoordinatorMetrics() {
    Gauge.builder("tributary.paused", () -> paused.getAsBoolean() ? 1 : 0)
        .description("1 while nothing goes on since the disk is full or takes no writes, else 0")
        .register(registry);
  }

  /** What says whether the coordinator stands still for want of a disk that takes writes. */
  public void watch(BooleanSupplier standing) {
    paused = standing;
  }

  /** A request that was refused since there were too many, of them or of their bytes. */
  public void onLimited() {
    limited.increment();
  }

  /** A request that was ended because its body stood still. */
  public void onSlowBody() {
    Counter.builder("tributary.requests.slow")
        .description("Requests that were ended because their bodies came too slowly")
        .register(registry)
        .increment();
  }

  /** A client that was told when to come back, at its check-in or instead of waiting. */
  public void onToldToComeBack() {
    Counter.builder("tributary.clients.told.to.come.back")
        .description("Replies that told a client when to come back, instead of letting it wait")
        .register(registry)
        .increment();
  }

  /** A request over a connection that has not shown the TLS certificate that it takes. */
  public void onCertificateRefused(String code) {
    Counter.builder("tributary.certificates.refused")
        .description("Requests that were refused for their TLS certificate, by reason")
        .tag("reason", code)
        .register(registry)
        .increment();
  }

  /** An attempt to administer without a token that allows it. */
  public void onAdministrationRefused(int status) {
    Counter.builder("tributary.administration.refused")
        .description("Attempts to administer that were refused, by HTTP status")
        .tag("status", Integer.toString(status))
        .register(registry)
        .increment();
  }

  /** The metrics of a job, at zero when first asked for. */
  public RoundListener of(String job) {
    return jobs.computeIfAbsent(job, name -> new JobMetrics(registry, Tags.of("job", name)));
  }

  /** The metrics in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  private static final class JobMetrics implements RoundListener {
    private final PrometheusMeterRegistry registry;
    private final Tags job;
    private final AtomicReference<@Nullable Last> last = new AtomicReference<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Counter wrongShares;
    private final Counter spares;

    /** What is known since the last round that ended. */
    private record Last(int round, Guarantee released, Guarantee coordinatorView) {}

    JobMetrics(PrometheusMeterRegistry registry, Tags job) {
      this.registry = registry;
      this.job = job;
      gauge("tributary.round", "Number of the last round that ended", Last::round);
      gauge(
          "tributary.epsilon.released",
          "Epsilon spent against whoever sees the models",
          known -> known.released().epsilon());
      gauge(
          "tributary.epsilon.coordinator",
          "Epsilon spent against the coordinator",
          known -> known.coordinatorView().epsilon());
      Gauge.builder("tributary.round.waiting", waiting, AtomicInteger::get)
          .description("Number of the round that waits for its clients for longer than a deadline")
          .tags(job)
          .register(registry);
      wrongShares =
          Counter.builder("tributary.shares.wrong")
              .description("Shares that were found wrong in the unmasking and corrected")
              .tags(job)
              .register(registry);
      spares =
          Counter.builder("tributary.spares.asked")
              .description("Spare clients that were asked in the place of clients not there")
              .tags(job)
              .register(registry);
    }

    /** Rounds and what they cost are known from the store; the other counters begin at zero. */
    @Override
    public void onResumed(Standing standing) {
      last.set(new Last(standing.round(), standing.released(), standing.coordinatorView()));
      rounds(RoundReport.Outcome.COMMITTED, standing.committed());
      rounds(RoundReport.Outcome.ABORTED, standing.aborted());
    }

    @Override
    public void onWaiting(int round, int of, int there, int needed) {
      waiting.set(round);
    }

    @Override
    public void onReplaced(int round, int of, int members) {
      spares.increment(members);
    }

    @Override
    public void onJoined(int member) {
      members("joined");
    }

    @Override
    public void onLeft(int member, boolean left) {
      if (left) {
        members("left");
      }
    }

    private void members(String change) {
      Counter.builder("tributary.members")
          .description("Clients that joined a job that had begun, or withdrew and are not drawn")
          .tags(job.and("change", change))
          .register(registry)
          .increment();
    }

    @Override
    public void onOffered(int round, int of, int cohort, int absent) {
      waiting.set(0);
    }

    @Override
    public void onRound(RoundReport report) {
      last.set(new Last(report.round(), report.released(), report.coordinatorView()));
      rounds(report.outcome(), 1);
      clients("survived", report.survivors());
      for (Map.Entry<String, Integer> outcome : report.dropped().entrySet()) {
        clients(word(outcome.getKey()), outcome.getValue());
      }
      Timer.builder("tributary.round.duration")
          .description("From offer to commit")
          .tags(job)
          .register(registry)
          .record(report.duration());
      wrongShares.increment(report.wrongShares().size());
      for (StepReport step : report.steps()) {
        Timer.builder("tributary.step.duration")
            .description("Time of one step of the sum, from its beginning to its end")
            .tags(job.and("step", step.name()))
            .register(registry)
            .record(Duration.between(step.from(), step.to()));
        bytes(step.name(), "up", step.bytesUp());
        bytes(step.name(), "down", step.bytesDown());
      }
    }

    private void rounds(RoundReport.Outcome outcome, int count) {
      Counter.builder("tributary.rounds")
          .description("Rounds that ended, by outcome")
          .tags(job.and("outcome", word(outcome.name())))
          .register(registry)
          .increment(count);
    }

    private void clients(String outcome, int count) {
      Counter.builder("tributary.clients")
          .description("Members of the cohorts of rounds that ended, each in one outcome")
          .tags(job.and("outcome", outcome))
          .register(registry)
          .increment(count);
    }

    private void bytes(String step, String direction, long count) {
      Counter.builder("tributary.bytes")
          .description("Bytes of the sum's messages")
          .baseUnit("bytes")
          .tags(job.and("step", step, "direction", direction))
          .register(registry)
          .increment((double) count);
    }

    private void gauge(String name, String description, ToDoubleFunction<Last> value) {
      Gauge.builder(
              name,
              last,
              reference -> {
                Last known = reference.get();
                return known == null ? 0 : value.applyAsDouble(known);
              })
          .description(description)
          .tags(job)
          .register(registry);
    }

    private static String word(String constant) {
      return constant.toLowerCase(Locale.ROOT);
    }
  }
}
