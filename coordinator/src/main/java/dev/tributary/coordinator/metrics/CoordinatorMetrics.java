package dev.tributary.coordinator.metrics;

import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.secagg.StepReport;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Round reports as Prometheus metrics. The counter {@code tributary_clients_total} partitions the
 * cohorts: every member of every round is in exactly one of its outcomes.
 */
public final class CoordinatorMetrics implements RoundListener {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicReference<@Nullable RoundReport> last = new AtomicReference<>();

  /** Metrics of one coordinator, all at zero. */
  public CoordinatorMetrics() {
    gauge("tributary.round", "Number of the last round that ended", RoundReport::round);
    gauge(
        "tributary.epsilon.released",
        "Epsilon spent against whoever sees the models",
        report -> report.released().epsilon());
    gauge(
        "tributary.epsilon.coordinator",
        "Epsilon spent against the coordinator",
        report -> report.coordinatorView().epsilon());
  }

  /** The metrics in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void onRound(RoundReport report) {
    last.set(report);
    registry.counter("tributary.rounds", "outcome", word(report.outcome().name())).increment();
    clients("survived", report.survivors());
    for (Map.Entry<String, Integer> outcome : report.dropped().entrySet()) {
      clients(word(outcome.getKey()), outcome.getValue());
    }
    Timer.builder("tributary.round.duration")
        .description("From offer to commit")
        .register(registry)
        .record(report.duration());
    for (StepReport step : report.steps()) {
      bytes(step.name(), "up", step.bytesUp());
      bytes(step.name(), "down", step.bytesDown());
    }
  }

  private void clients(String outcome, int count) {
    registry.counter("tributary.clients", "outcome", outcome).increment(count);
  }

  private void bytes(String step, String direction, long count) {
    registry
        .counter("tributary.bytes", "step", step, "direction", direction)
        .increment((double) count);
  }

  private void gauge(
      String name, String description, java.util.function.ToDoubleFunction<RoundReport> value) {
    Gauge.builder(
            name,
            last,
            reference -> {
              RoundReport report = reference.get();
              return report == null ? 0 : value.applyAsDouble(report);
            })
        .description(description)
        .register(registry);
  }

  private static String word(String constant) {
    return constant.toLowerCase(Locale.ROOT);
  }
}
