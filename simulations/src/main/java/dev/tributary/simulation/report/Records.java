package dev.tributary.simulation.report;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelSpec;
import dev.tributary.privacy.Guarantee;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.Relation;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.insecure.InsecurePlainSum;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Makes records of runs out of what the coordinator reports. */
public final class Records {
  private Records() {}

  /**
   * What is known of a run besides its job.
   *
   * @param suite id of the suite that added up
   */
  public record Setting(
      boolean live, int population, String data, int testRows, String engine, String suite) {}

  /** One round; {@code late} is known in simulations only. */
  public static RoundLine line(RoundReport report, int late) {
    boolean committed = report.outcome() == RoundReport.Outcome.COMMITTED;
    Metrics metrics = report.metrics();
    return new RoundLine(
        report.round(),
        committed,
        committed ? "completed" : "aborted: " + report.code(),
        report.cohort(),
        report.survivors(),
        report.dropped(),
        late,
        finite(report.released()),
        finite(report.coordinatorView()),
        metrics == null || metrics.examples() == 0
            ? Optional.empty()
            : Optional.of(metrics.accuracy()),
        metrics == null ? Optional.empty() : Optional.of(metrics.loss()),
        report.steps().stream().map(Records::phase).toList());
  }

  private static RoundLine.Phase phase(StepReport step) {
    double seconds = Duration.between(step.from(), step.to()).toNanos() / 1e9;
    return new RoundLine.Phase(step.name(), seconds, step.bytesUp(), step.bytesDown());
  }

  private static Optional<Double> finite(Guarantee guarantee) {
    return Double.isFinite(guarantee.epsilon())
        ? Optional.of(guarantee.epsilon())
        : Optional.empty();
  }

  /** A run before its first round. */
  public static RunRecord plan(Job job, Setting setting) {
    return record(job, setting, List.of(), null, 0);
  }

  /** A whole run. */
  public static RunRecord run(
      Job job, Setting setting, List<RoundLine> rounds, JobResult result, long seed) {
    return record(job, setting, rounds, result, seed);
  }

  private static RunRecord record(
      Job job, Setting setting, List<RoundLine> rounds, @Nullable JobResult result, long seed) {
    Planner planner = new Planner(job, setting.suite());
    return new RunRecord(
        job.name(),
        job.source(),
        seed,
        setting.live(),
        setting.population(),
        job.cohort().size(),
        job.cohort().minimum(),
        job.rounds(),
        job.model().layout().size(),
        model(job.model()),
        setting.data(),
        setting.testRows(),
        setting.engine(),
        sum(planner.sum()),
        privacy(job, planner, result),
        List.copyOf(rounds),
        result == null ? "" : result.modelDigest(),
        result == null ? Optional.empty() : stopped(result));
  }

  private static Optional<String> stopped(JobResult result) {
    return switch (result.outcome()) {
      case COMPLETED -> Optional.empty();
      case BUDGET_SPENT -> Optional.of("the privacy budget is spent");
      case STOPPED, FAILED -> Optional.of(result.reason());
    };
  }

  private static Optional<RunRecord.Privacy> privacy(
      Job job, Planner planner, @Nullable JobResult result) {
    Job.Privacy privacy = job.privacy();
    if (privacy.none()) {
      return Optional.empty();
    }
    OptionalDouble released = result == null ? OptionalDouble.empty() : value(result.released());
    OptionalDouble coordinator =
        result == null || !privacy.distributed()
            ? OptionalDouble.empty()
            : value(result.coordinatorView());
    return Optional.of(
        new RunRecord.Privacy(
            privacy.epsilon(),
            privacy.delta(),
            privacy.unit().name().toLowerCase(Locale.ROOT),
            words(privacy.relation()),
            privacy.mechanism(),
            noiseMultiplier(planner.noise().mechanism()),
            privacy.clipNorm(),
            job.cohort().participations(),
            job.cohort().separation(),
            released.orElse(0),
            new RunRecord.Rows(released, released, coordinator)));
  }

  private static OptionalDouble value(Guarantee guarantee) {
    return Double.isFinite(guarantee.epsilon())
        ? OptionalDouble.of(guarantee.epsilon())
        : OptionalDouble.empty();
  }

  /** The words of job files for a neighbouring relation. */
  static String words(Relation relation) {
    return relation.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static double noiseMultiplier(Mechanism mechanism) {
    if (mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed) {
      return distributed.noiseMultiplier();
    }
    return mechanism instanceof Mechanism.CentralGaussian central ? central.noiseMultiplier() : 0;
  }

  /** What the sum tolerates. */
  public static String sum(SumParameters sum) {
    if (sum.suite().equals(InsecurePlainSum.ID)) {
      return "plain, without masks: for simulation only";
    }
    int tolerated = (int) Math.floor(sum.corruptFraction() * sum.clients() + 1e-9);
    return sum.mode() == Mode.MALICIOUS
        ? Html.format(
            "masked, any coordinator behaviour tolerated with fewer than %d corrupt members of a round",
            tolerated + 1)
        : "masked, against a coordinator that follows the protocol";
  }

  /** The model in a few words. */
  public static String model(ModelSpec spec) {
    List<Layer.Dense> dense =
        spec.layers().stream()
            .filter(Layer.Dense.class::isInstance)
            .map(Layer.Dense.class::cast)
            .toList();
    if (dense.size() == 1) {
      return switch (dense.get(0).activation()) {
        case SOFTMAX -> "softmax regression";
        default -> "linear model";
      };
    }
    List<String> units = dense.stream().map(layer -> Integer.toString(layer.units())).toList();
    return "a network with layers of " + String.join(", ", units);
  }
}
