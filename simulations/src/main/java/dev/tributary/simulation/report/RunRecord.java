package dev.tributary.simulation.report;

import dev.tributary.plan.ExamplePrivacy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole run, as its files tell it.
 *
 * @param name the job's name
 * @param jobText the job file, with what the command line changed
 * @param seed decides everything in a simulation
 * @param live whether processes and sockets were real, so that seconds are seconds
 * @param seeded whether keys or noise come from the seed, so that whoever knows it knows them
 * @param population clients in all
 * @param cohort clients asked in a round
 * @param minimum clients that a sum needs
 * @param plannedRounds rounds of the job
 * @param parameters length of the model
 * @param model the layers in words
 * @param data where rows come from, in words
 * @param engine the arithmetic that trained
 * @param sum how inputs are added, in words
 * @param examples what clients promise for single examples of their data, where they do
 * @param privacy absent when the job has none
 * @param statistics learned in a round before the first, where there was one
 * @param rounds in order
 * @param faults of a simulation that came true
 * @param modelSha256 digest of model.safetensors
 * @param stopped why the run ended early, where it did
 */
public record RunRecord(
    String name,
    String jobText,
    long seed,
    boolean live,
    boolean seeded,
    int population,
    int cohort,
    int minimum,
    int plannedRounds,
    int parameters,
    String model,
    String data,
    int testRows,
    String engine,
    String sum,
    Optional<ExamplePrivacy> examples,
    Optional<Privacy> privacy,
    Optional<FederatedStatistics> statistics,
    List<RoundLine> rounds,
    FaultTimeline faults,
    String modelSha256,
    Optional<String> stopped) {

  /**
   * What was promised and what was spent.
   *
   * @param sampled whether cohorts are drawn by secret coins, so that the budget holds against
   *     whoever sees models only
   * @param colluders members of a round whose own noise is reckoned to be known to each other and
   *     to the coordinator
   * @param masked whether the coordinator sees sums alone; a plain sum shows it single updates
   * @param rows epsilon by who is looking; an empty value means that nothing is claimed
   */
  public record Privacy(
      double budget,
      double delta,
      String unit,
      String relation,
      String mechanism,
      double noiseMultiplier,
      double clipNorm,
      int participations,
      int separation,
      boolean sampled,
      int colluders,
      boolean masked,
      double released,
      Rows rows) {

    /** Drops the coordinator's row where nothing is claimed. */
    public Privacy {
      if (!bounds(mechanism, masked)) {
        rows = new Rows(rows.outsider(), rows.cohort(), OptionalDouble.empty());
      }
    }

    /** Whether each client makes a share of the noise, so that colluders know some of it. */
    public boolean distributed() {
      return mechanism.startsWith("distributed");
    }

    /** Whether the clients make the noise, shares of it or each its own. */
    public boolean madeByClients() {
      return distributed() || mechanism.startsWith("local");
    }

    /** Whether epsilon holds against the coordinator: there is noise in all that it sees. */
    public boolean boundsCoordinator() {
      return bounds(mechanism, masked);
    }

    private static boolean bounds(String mechanism, boolean masked) {
      return mechanism.startsWith("local") || (mechanism.startsWith("distributed") && masked);
    }

    /** Why nothing is claimed against the coordinator, where nothing is. */
    public String coordinatorSees() {
      return masked ? "sums before their noise" : "single updates";
    }
  }

  /** Epsilon against each observer. */
  public record Rows(OptionalDouble outsider, OptionalDouble cohort, OptionalDouble coordinator) {}

  public int completedRounds() {
    return (int) rounds.stream().filter(RoundLine::completed).count();
  }

  public int abortedRounds() {
    return rounds.size() - completedRounds();
  }

  public int survivors() {
    return rounds.stream().mapToInt(RoundLine::survivors).sum();
  }

  /** Survivors of all rounds that left after their input was in. */
  public int late() {
    return rounds.stream().mapToInt(RoundLine::late).sum();
  }

  /** Clients asked that are in no sum, in all rounds. */
  public int dropouts() {
    return rounds.stream().mapToInt(RoundLine::lost).sum();
  }

  /** The last accuracy measured. */
  public Optional<Double> accuracy() {
    Optional<Double> last = Optional.empty();
    for (RoundLine round : rounds) {
      last = round.accuracy().isPresent() ? round.accuracy() : last;
    }
    return last;
  }

  /** The last round whose model was measured on rows that nobody trained on. */
  public Optional<RoundLine> evaluated() {
    return rounds.stream().filter(RoundLine::evaluated).reduce((earlier, later) -> later);
  }

  /** The last round whose clients evaluated its model. */
  public Optional<RoundLine> evaluatedByClients() {
    return rounds.stream()
        .filter(round -> round.clientAccuracy().isPresent())
        .reduce((earlier, later) -> later);
  }

  /** The other metrics of the last model measured, by name. */
  public SortedMap<String, Double> measures() {
    return evaluated().map(RoundLine::measures).orElseGet(TreeMap::new);
  }

  /** Names of all further metrics that any round has, in order. */
  List<String> measureNames() {
    return rounds.stream()
        .flatMap(round -> round.measures().keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** Seconds of all rounds by phase, in the order in which phases first appear. */
  public Map<String, Double> secondsByPhase() {
    Map<String, Double> sums = new LinkedHashMap<>();
    for (RoundLine round : rounds) {
      round.phases().forEach(phase -> sums.merge(phase.name(), phase.seconds(), Double::sum));
    }
    return sums;
  }

  /** Lost clients of all rounds by reason. */
  public Map<String, Integer> dropoutsByReason() {
    Map<String, Integer> sums = new TreeMap<>();
    for (RoundLine round : rounds) {
      round.dropouts().forEach((reason, count) -> sums.merge(reason, count, Integer::sum));
    }
    return sums;
  }
}
