package dev.tributary.simulation.report;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.round.RoundReport;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.ModelSpec;
import dev.tributary.privacy.Guarantee;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes records of runs out of what the coordinator reports. */
public final class Records {
  private Records() {}

  /**
   * What is known of a run besides its job.
   *
   * @param seeded whether keys or noise come from a seed
   * @param suite id of the suite that added up
   */
  public record Setting(
      boolean live,
      boolean seeded,
      int population,
      String data,
      int testRows,
      String engine,
      String suite) {}

  /** One round; {@code late} is known in simulations only. */
  public static RoundLine line(RoundReport report, int late) {
    boolean committed = report.outcome() == RoundReport.Outcome.COMMITTED;
    Metrics metrics = report.metrics();
    return new RoundLine(
        report.round(),
        committed,
        committed ? "completed" : aborted(report.code(), report.reason()),
        report.cohort(),
        report.survivors(),
        report.dropped(),
        late,
        finite(report.released()),
        finite(report.coordinatorView()),
        Optional.ofNullable(report.clipNorm()),
        metrics == null || Double.isNaN(metrics.accuracy())
            ? Optional.empty()
            : Optional.of(metrics.accuracy()),
        metrics == null || !Double.isFinite(metrics.loss())
            ? Optional.empty()
            : Optional.of(metrics.loss()),
        defined(metrics),
        Optional.ofNullable(report.clientAccuracy()),
        report.steps().stream().map(Records::phase).toList());
  }

  private static SortedMap<String, Double> defined(@Nullable Metrics metrics) {
    SortedMap<String, Double> defined = new TreeMap<>();
    if (metrics != null) {
      metrics
          .named()
          .forEach(
              (name, value) -> {
                if (Double.isFinite(value)) {
                  defined.put(name, value);
                }
              });
    }
    return defined;
  }

  /** The outcome of a round that released nothing. */
  public static String aborted(String code, String reason) {
    return "aborted: "
        + code.toLowerCase(Locale.ROOT).replace('_', '-')
        + (reason.isEmpty() ? "" : ": " + reason);
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
    return run(job, setting, Optional.empty(), List.of(), FaultTimeline.NONE, "", Optional.empty());
  }

  /**
   * A run, finished or not.
   *
   * @param statistics learned before the first round, where there are any
   * @param modelSha256 of the last model
   * @param stopped why it ended early, where it did
   */
  public static RunRecord run(
      Job job,
      Setting setting,
      Optional<FederatedStatistics> statistics,
      List<RoundLine> rounds,
      FaultTimeline faults,
      String modelSha256,
      Optional<String> stopped) {
    Planner planner = new Planner(job, setting.suite());
    boolean masked = !setting.suite().equals(InsecurePlainSum.ID);
    Optional<RunRecord.Privacy> privacy = privacy(job, planner, rounds, masked);
    boolean bounded = privacy.map(RunRecord.Privacy::boundsCoordinator).orElse(false);
    // Without privacy rounds before the first model have an epsilon of 0, which would be no claim.
    UnaryOperator<RoundLine> claimed =
        privacy.isEmpty()
            ? RoundLine::withoutEpsilon
            : bounded ? UnaryOperator.identity() : RoundLine::withoutCoordinator;
    List<RoundLine> lines = rounds.stream().map(claimed).toList();
    Job.Simulation simulation = job.simulation();
    return new RunRecord(
        job.name(),
        job.source(),
        simulation == null ? 0 : simulation.seed(),
        setting.live(),
        setting.seeded(),
        setting.population(),
        job.cohort().size(),
        job.cohort().minimum(),
        job.rounds(),
        job.model().layout().size(),
        model(job.model()),
        setting.data(),
        setting.testRows(),
        setting.engine(),
        sum(planner.sum()) + ring(planner),
        job.training().examplePrivacy(),
        privacy,
        statistics,
        lines,
        faults,
        modelSha256,
        stopped);
  }

  /** Why a job ended before its last round, if it did. */
  public static Optional<String> stopped(JobResult result) {
    return switch (result.outcome()) {
      case COMPLETED -> Optional.empty();
      case BUDGET_SPENT -> Optional.of("the privacy budget is spent");
      case STOPPED, CANCELLED, FAILED -> Optional.of(result.reason());
    };
  }

  private static Optional<RunRecord.Privacy> privacy(
      Job job, Planner planner, List<RoundLine> rounds, boolean masked) {
    Job.Privacy privacy = job.privacy();
    if (privacy.none()) {
      return Optional.empty();
    }
    OptionalDouble released = last(rounds, RoundLine::releasedEpsilon);
    OptionalDouble seen = last(rounds, RoundLine::coordinatorEpsilon);
    // Whoever knows the cohorts is told what rounds cost without sampling, as the coordinator is.
    OptionalDouble cohort = job.sampled() ? seen : released;
    return Optional.of(
        new RunRecord.Privacy(
            privacy.epsilon(),
            privacy.delta(),
            privacy.unit().name().toLowerCase(Locale.ROOT),
            words(privacy.relation()),
            privacy.mechanism(),
            planner.noise().mechanism().noiseMultiplier(),
            privacy.clipNorm(),
            job.cohort().participations(),
            job.cohort().separation(),
            job.sampled(),
            privacy.colluders(),
            masked,
            released.orElse(0),
            new RunRecord.Rows(released, cohort, seen)));
  }

  private static OptionalDouble last(
      List<RoundLine> rounds, Function<RoundLine, Optional<Double>> epsilon) {
    return rounds.stream()
        .map(epsilon)
        .flatMap(Optional::stream)
        .mapToDouble(Double::doubleValue)
        .reduce((earlier, later) -> later);
  }

  /** The words of job files for a neighbouring relation. */
  static String words(Relation relation) {
    return relation.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the sum tolerates. */
  public static String sum(SumParameters sum) {
    if (sum.suite().equals(InsecurePlainSum.ID)) {
      return "plain, without masks: for simulation only";
    }
    // On the complete graph the quorum rests on a third, whatever corruptFraction says.
    int corrupt = sum.degree() == 0 ? (sum.clients() + 2) / 3 : sum.colluders() + 1;
    String masked =
        sum.postQuantum() ? "masked with X25519 and ML-KEM-768 (" + sum.suite() + ")" : "masked";
    return sum.mode() == Mode.MALICIOUS
        ? Html.format(
            "%s, any coordinator behaviour tolerated with fewer than %d corrupt members of a round",
            masked, corrupt)
        : masked + ", against a coordinator that follows the protocol";
  }

  private static String ring(Planner planner) {
    double exponent = planner.wrapExponent();
    return Html.format("; a ring of %d bits, ", planner.sum().ringBits())
        + (Double.isInfinite(exponent)
            ? "which the sum cannot leave"
            : Html.format(
                "which the noise makes a round's sum leave with probability at most 2^-%d",
                (long) exponent));
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
