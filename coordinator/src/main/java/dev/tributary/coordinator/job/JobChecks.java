package dev.tributary.coordinator.job;

import dev.tributary.coordinator.ScheduledCohort;
import dev.tributary.coordinator.round.Noise;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.strategy.Strategies;
import dev.tributary.nn.Loss;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.PipelineException;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.secagg.SumParametersException;
import dev.tributary.secagg.Violation;
import java.util.Locale;
import java.util.Set;

/**
 * Holds a job's keys against each other, and runs plan, noise, ledger and schedule dry. Each
 * problem stands at the key that its way out changes.
 */
final class JobChecks {
  /** Beyond it, correlated noise takes minutes to plan. */
  private static final long MOST_TURNS = 500_000;

  private static final Set<Loss> OF_NUMBERS =
      Set.of(Loss.SQUARED_ERROR, Loss.ABSOLUTE_ERROR, Loss.HUBER);

  private final Job job;
  private final Section root;
  private final Section cohort;
  private final Section privacy;
  private final Section training;
  private final Section secure;
  private final Section evaluation;
  private boolean sound = true;

  JobChecks(Job job, Section root) {
    this.job = job;
    this.root = root;
    this.cohort = root.section("cohort", false);
    this.privacy = root.section("privacy", false);
    this.training = root.section("training", false);
    this.secure = root.section("secureAggregation", false);
    this.evaluation = root.section("evaluation", false);
  }

  void check() {
    cohortAndFloors();
    Strategies.provided(job.strategy().name())
        .flatMap(provider -> provider.refusal(job))
        .ifPresent(
            rule -> refuse(root, "job-out-of-range", "strategy", rule, "Choose another strategy."));
    whatTheMechanismCovers();
    clientEvaluation();
    federatedStatistics();
    schedule();
    if (sound && new BudgetCheck(job, privacy).holds() && countNoiseHolds() && bitNoiseHolds()) {
      plan();
    }
  }

  private void cohortAndFloors() {
    int size = job.cohort().size();
    int minimum = job.cohort().minimum();
    if (minimum > size) {
      refuse(
          cohort,
          "cohort-below-floor",
          "minimum",
          "is more than the cohort's size of " + size,
          "Write minimum: " + size + " or less, or a larger size.");
      return;
    }
    if (job.privacy().colluders() >= minimum) {
      refuse(
          privacy,
          "cohort-below-floor",
          "colluders",
          "leaves no honest noise share among the cohort's minimum of " + minimum,
          "Write colluders: 1, or a larger cohort.minimum.");
    }
    boolean stated = secure.has("corruptFraction");
    boolean tooSmall = stated && job.secureAggregation().corruptFraction() * size < 1;
    if (job.privacy().distributed() && (job.privacy().colluders() < 1 || tooSmall)) {
      refuse(
          stated ? secure : privacy,
          "cohort-below-floor",
          stated ? "corruptFraction" : "colluders",
          "leaves out no client's noise share, and each client knows its own",
          "Write colluders: 1, and leave corruptFraction out.");
    }
    int lost = (int) Math.floor(job.secureAggregation().dropoutFraction() * size);
    if (lost > size - minimum) {
      refuse(
          secure,
          "dropout-tolerance",
          "dropoutFraction",
          String.format(
              "lets %d of %d clients go, and cohort.minimum %d only %d",
              lost, size, minimum, size - minimum),
          String.format(
              "Write dropoutFraction: %s, or cohort.minimum: %d.",
              BudgetCheck.number((size - minimum) / (double) size), size - lost));
    }
  }

  private void whatTheMechanismCovers() {
    delta();
    sampling();
    if (job.training().examplePrivacy().isPresent() && !job.model().statistics().isEmpty()) {
      refuse(
          training,
          "model-does-not-fit",
          "examplePrivacy",
          "cannot hide single examples in statistics of batches: "
              + job.model().statistics().get(0).name(),
          "Take group_normalization in place of batch_normalization.");
    }
    if (job.privacy().none()) {
      if (job.privacy().noiseMultiplier() != null) {
        refuse(
            privacy,
            "job-out-of-range",
            "noiseMultiplier",
            "asks for noise, and mechanism none makes none",
            "Write mechanism: " + Job.Privacy.DISTRIBUTED + ", or leave noiseMultiplier out.");
      }
      return;
    }
    if (job.privacy().unit() == Unit.EXAMPLE) {
      refuse(
          privacy,
          "unit-not-covered",
          "unit",
          "is not what this mechanism hides: it bounds and hides a client's whole update",
          "Write unit: user.");
    }
    adaptiveClip();
    correlated();
    if (job.privacy().madeByClients() && job.privacy().relation() == Relation.ADD_REMOVE) {
      refuse(
          privacy,
          "relation-not-covered",
          "relation",
          "promises too much for noise that clients make: a client that goes takes its share along",
          "Write relation: zero-out.");
    }
  }

  /**
   * Amplification is claimed for whoever sees models alone, where the coordinator makes all noise
   * anew in each round, and where the number of clients to draw from is known.
   */
  private void sampling() {
    if (!job.sampled()) {
      return;
    }
    String mechanism = job.privacy().mechanism();
    if (!mechanism.equals(Job.Privacy.CENTRAL)) {
      refuse(
          cohort,
          "sampling-not-covered",
          "sampling",
          "hides who was in a round from whoever sees models, which counts only with noise that the"
              + " coordinator draws anew in each round, not with "
              + mechanism,
          "Write sampling: schedule, or mechanism: " + Job.Privacy.CENTRAL + ".");
    }
    if (!job.privacy().none() && job.privacy().relation() == Relation.ADD_REMOVE) {
      refuse(
          privacy,
          "relation-not-covered",
          "relation",
          "has no meaning for samples of a fixed size: a client more or less would change the others'",
          "Write relation: replace-one, or zero-out.");
    }
    Integer clients = job.clients();
    Job.Simulation simulation = job.simulation();
    Integer dealt = simulation == null ? clients : simulation.clients();
    if (clients == null || !clients.equals(dealt)) {
      refuse(
          cohort,
          "sampling-not-covered",
          clients == null ? "sampling" : "population",
          "must draw from a number of clients that is known beforehand",
          simulation == null
              ? "Write cohort.population: the number of clients."
              : "Write a partition with as many clients, and leave cohort.population out.");
    }
  }

  /** What a client's rounds weigh together is found by going through them, before any budget. */
  private void correlated() {
    int participations = job.cohort().participations();
    if (job.privacy().correlated() && (long) job.rounds() * participations > MOST_TURNS) {
      refuse(
          privacy,
          "job-out-of-range",
          "mechanism",
          String.format(
              "cannot be planned for %d rounds, %d for each client: both multiplied may be %d",
              job.rounds(), participations, MOST_TURNS),
          "Lower rounds or cohort.schedule.participations, or write mechanism: "
              + Job.Privacy.CENTRAL
              + ".");
    }
  }

  /** The bit is a part of a sum whose noise is that of the cohort, the same in every round. */
  private void adaptiveClip() {
    String mechanism = job.privacy().mechanism();
    if (job.privacy().adaptiveClip() != null
        && !job.privacy().distributed()
        && !mechanism.equals(Job.Privacy.CENTRAL)) {
      refuse(
          privacy,
          "job-out-of-range",
          "adaptiveClip",
          "moves the clip norm from round to round, which "
              + mechanism
              + " does not go with: its noise is "
              + (job.privacy().correlated() ? "one for all rounds" : "each client's own"),
          "Write mechanism: " + Job.Privacy.DISTRIBUTED + ", or leave adaptiveClip out.");
    }
  }

  /** What clients tell of a model's accuracy is a part of the sum that carries their updates. */
  private void clientEvaluation() {
    Job.ClientEvaluation asked = job.evaluation().clients();
    if (asked == null) {
      return;
    }
    String mechanism = job.privacy().mechanism();
    if (!job.privacy().none()
        && !job.privacy().distributed()
        && !mechanism.equals(Job.Privacy.CENTRAL)) {
      refuse(
          evaluation,
          "job-out-of-range",
          "clients",
          "counts clients in a round's sum, which "
              + mechanism
              + " does not go with: its noise is "
              + (job.privacy().correlated() ? "one for all rounds" : "each client's own"),
          "Write mechanism: " + Job.Privacy.DISTRIBUTED + ", or leave evaluation.clients out.");
    }
    if (job.privacy().none() && asked.noise() != null) {
      refuse(
          evaluation.section("clients", false),
          "job-out-of-range",
          "noise",
          "asks for noise, and mechanism none makes none",
          "Leave noise out.");
    }
    if (job.training().examplePrivacy().isPresent()) {
      refuse(
          evaluation,
          "job-out-of-range",
          "clients",
          "tells how single rows of a client fare, which training.examplePrivacy does not cover",
          "Leave one of the two out.");
    }
    if (job.model().outputs() == 1 && OF_NUMBERS.contains(job.model().loss())) {
      refuse(
          evaluation,
          "model-does-not-fit",
          "clients",
          "count right answers, and this model predicts a number",
          "Leave evaluation.clients out.");
    }
    Job.Simulation simulation = job.simulation();
    if (simulation == null) {
      return;
    }
    Section data = root.section("simulation", false).section("data", false);
    if (simulation.partition() instanceof Job.Partition.Drawn) {
      refuse(
          data,
          "job-out-of-range",
          "partition",
          "draws rows that other clients may train on, so that no client keeps rows for"
              + " evaluation.clients",
          "Write another partition, or leave evaluation.clients out.");
    } else if (simulation.split() != Job.Split.PER_CLIENT) {
      refuse(
          data,
          "job-out-of-range",
          "split",
          "keeps evaluation rows that are no client's, and evaluation.clients needs each client's"
              + " own",
          "Write split: perClient.");
    }
  }

  /** Sums of what clients hold, exact but for the grid: no noise hides anybody in them. */
  private void federatedStatistics() {
    Job.Simulation simulation = job.simulation();
    if (simulation == null
        || !(simulation.data() instanceof Job.Data.Table table)
        || table.standardise() != Job.Standardise.FEDERATED) {
      return;
    }
    Section data = root.section("simulation", false).section("data", false);
    Section rows = data.section(table.format(), false);
    if (!job.privacy().none() || job.training().examplePrivacy().isPresent()) {
      refuse(
          rows,
          "unit-not-covered",
          "standardise",
          "asks for sums without noise, which the job's privacy does not cover",
          "Write standardise: perClient or false, or privacy: {mechanism: none} and no"
              + " training.examplePrivacy.");
    }
    if (simulation.partition() instanceof Job.Partition.Drawn) {
      refuse(
          data,
          "job-out-of-range",
          "partition",
          "makes clients when a round asks them, and federated statistics ask all of them at once",
          "Write another partition, or standardise: pooled.");
    }
  }

  /** The bins may not cost more than bins and update together. */
  private boolean countNoiseHolds() {
    Job.ClientEvaluation asked = job.evaluation().clients();
    Double stated = asked == null || job.privacy().none() ? null : asked.noise();
    double noise = stated == null ? 0 : Noise.of(job).mechanism().noiseMultiplier();
    if (stated == null || noise < stated) {
      return true;
    }
    refuse(
        evaluation.section("clients", false),
        "job-out-of-range",
        "noise",
        "is not above the noise multiplier of update and bins, " + BudgetCheck.number(noise),
        "Write noise: " + BudgetCheck.number(Math.ceil(3 * noise)) + " or so, or leave it out.");
    return false;
  }

  /** A clip bit may not cost more than update and bit together. */
  private boolean bitNoiseHolds() {
    Job.AdaptiveClipping adaptive = job.privacy().adaptiveClip();
    double noise = adaptive == null ? 0 : Planner.restNoiseMultiplier(job, Noise.of(job));
    double bitNoise = adaptive == null ? 0 : adaptive.bitNoise(job.cohort().size());
    if (adaptive == null || noise < 2 * bitNoise) {
      return true;
    }
    refuse(
        privacy,
        "job-out-of-range",
        "adaptiveClip",
        String.format(
            Locale.ROOT,
            "has bitNoise %s, and the noise multiplier %s of update and bit must be below twice that",
            BudgetCheck.number(bitNoise),
            BudgetCheck.number(noise)),
        "Write bitNoise: "
            + BudgetCheck.number(Math.ceil(noise * 1000) / 1000)
            + " or more, a larger epsilon, or a larger cohort.");
    return false;
  }

  /** A delta of one in N allows to publish one of N clients whole. */
  private void delta() {
    double delta = job.privacy().delta();
    Integer known = job.clients();
    int clients = known == null ? job.cohort().size() : known;
    if (delta < Budget.MINIMUM_DELTA) {
      refuse(
          privacy,
          "job-out-of-range",
          "delta",
          "is less than 2^-60, which no sampler here can keep",
          "Write delta: 1e-18 or more.");
    } else if (!job.privacy().none() && delta >= 1.0 / clients) {
      refuse(
          privacy,
          "job-out-of-range",
          "delta",
          "would allow to show one of the " + clients + " clients whole",
          "Write a delta well below " + BudgetCheck.number(1.0 / clients) + ".");
    }
  }

  private void schedule() {
    Integer population = job.clients();
    if (population == null) {
      return;
    }
    Job.Cohort c = job.cohort();
    if (population < c.size()) {
      refuse(
          cohort,
          "schedule-infeasible",
          "size",
          "asks for more clients than the " + population + " that there are",
          "Write size: " + population + " or less.");
      return;
    }
    if (job.sampled()) {
      return;
    }
    if (population < c.size() + c.spares()) {
      refuse(
          cohort,
          "schedule-infeasible",
          "spares",
          String.format(
              "asks for %d clients beside the %d of a round, and there are %d",
              c.spares(), c.size(), population),
          "Write spares: " + (population - c.size()) + " or less.");
      return;
    }
    ScheduledCohort.refusal(
            population, c.size(), c.spares(), job.rounds(), c.participations(), c.separation())
        .ifPresent(
            refusal ->
                refuse(
                    cohort.section("schedule", false),
                    "schedule-infeasible",
                    refusal.key(),
                    refusal.rule(),
                    refusal.wayOut()));
  }

  /** Plans a round, and reserves the last one in a ledger that is thrown away. */
  private void plan() {
    try {
      Planner planner = new Planner(job, job.secureAggregation().suite());
      PrivacyEvent event = Planner.sampling(job).event(planner.event());
      new DryLedger(Planner.budget(job))
          .reserve(job.name(), job.rounds(), event, job.cohort().participations());
    } catch (SumParametersException e) {
      e.violations().forEach(this::sum);
    } catch (PipelineException e) {
      ring(e);
    } catch (dev.tributary.privacy.BudgetExceededException e) {
      refuse(
          privacy,
          "budget-too-small",
          "epsilon",
          "cannot pay for the job: " + e.getMessage(),
          "Write a larger epsilon, fewer participations, or more noise.");
    }
  }

  /** A rule of the sum, at the key that it is about. */
  private void sum(Violation violation) {
    String rule = "cannot be kept: " + violation.rule();
    String wayOut = sentence(violation.wayOut());
    if (violation.rule().startsWith("dropoutFraction")) {
      boolean stated = secure.has("dropoutFraction");
      refuse(
          stated ? secure : cohort,
          "dropout-tolerance",
          stated ? "dropoutFraction" : "minimum",
          rule,
          wayOut);
    } else if (violation.rule().startsWith("corruptFraction")) {
      boolean stated = secure.has("corruptFraction");
      refuse(
          stated ? secure : privacy,
          "too-many-colluders",
          stated ? "corruptFraction" : "colluders",
          rule,
          wayOut);
    } else {
      refuse(cohort, "cohort-below-floor", "size", rule, wayOut);
    }
  }

  private void ring(PipelineException e) {
    boolean stated = job.privacy().ringBits() != null;
    refuse(
        privacy,
        "ring-too-small",
        stated ? "ringBits" : "clipNorm",
        "cannot be kept: " + e.getMessage(),
        stated
            ? "Leave ringBits out and Tributary will choose it."
            : "Change clipNorm or cohort.size.");
  }

  private void refuse(Section section, String code, String key, String rule, String wayOut) {
    sound = false;
    section.problem(code, key, rule, wayOut);
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT)
        + text.substring(1)
        + (text.endsWith(".") ? "" : ".");
  }
}
