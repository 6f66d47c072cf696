package dev.tributary.coordinator.job;

import dev.tributary.coordinator.ScheduledCohort;
import dev.tributary.coordinator.round.Noise;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.privacy.PipelineException;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.privacy.UnreachableBudgetException;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParametersException;
import dev.tributary.secagg.Violation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Holds a job's keys against each other, and runs plan, noise, ledger and schedule dry. Each
 * problem stands at the key that its way out changes.
 */
final class JobChecks {
  private final Job job;
  private final Section cohort;
  private final Section privacy;
  private final Section secure;
  private boolean sound = true;

  JobChecks(Job job, Section root) {
    this.job = job;
    this.cohort = root.section("cohort", false);
    this.privacy = root.section("privacy", false);
    this.secure = root.section("secureAggregation", false);
  }

  void check() {
    cohortAndFloors();
    whatTheMechanismCovers();
    schedule();
    if (sound && budget()) {
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
              number((size - minimum) / (double) size), size - lost));
    }
  }

  private void whatTheMechanismCovers() {
    if (job.privacy().none()) {
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
    if (job.privacy().distributed() && job.privacy().relation() == Relation.ADD_REMOVE) {
      refuse(
          privacy,
          "relation-not-covered",
          "relation",
          "promises too much for noise that clients make: a client that goes takes its share along",
          "Write relation: zero-out.");
    }
  }

  private void schedule() {
    Integer population = population();
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
    ScheduledCohort.refusal(population, c.size(), job.rounds(), c.participations(), c.separation())
        .ifPresent(
            refusal ->
                refuse(
                    cohort.section("schedule", false),
                    "schedule-infeasible",
                    refusal.key(),
                    refusal.rule(),
                    refusal.wayOut()));
  }

  /** Clients that there will be, where the file says so. */
  private @Nullable Integer population() {
    if (job.cohort().population() != null) {
      return job.cohort().population();
    }
    Job.Partition partition = job.simulation() == null ? null : job.simulation().partition();
    if (partition instanceof Job.Partition.Iid iid) {
      return iid.clients();
    }
    if (partition instanceof Job.Partition.Dirichlet dirichlet) {
      return dirichlet.clients();
    }
    return partition instanceof Job.Partition.Shards shards ? (Integer) shards.clients() : null;
  }

  /** Whether the noise that the job states, or that is found for it, keeps the budget. */
  private boolean budget() {
    Double stated = job.privacy().noiseMultiplier();
    if (job.privacy().none()) {
      return true;
    }
    try {
      if (stated == null) {
        Noise.of(job);
        return true;
      }
      double cost = Noise.plan(job, job.cohort().participations()).guarantee().epsilon();
      if (cost <= job.privacy().epsilon()) {
        return true;
      }
      tooSmall(stated, cost);
    } catch (UnreachableBudgetException e) {
      if (Double.isInfinite(e.reachedEpsilon()) && job.privacy().ringBits() != null) {
        refuse(
            privacy,
            "ring-too-small",
            "ringBits",
            "cannot carry the noise of " + job.cohort().size() + " clients",
            "Leave ringBits out and Tributary will choose it.");
        return false;
      }
      refuse(
          privacy,
          "budget-too-small",
          "epsilon",
          String.format(
              "cannot pay for %d participations of a client with any noise that the sum can carry:"
                  + " the least is %s at delta %s",
              job.cohort().participations(),
              number(e.reachedEpsilon()),
              number(job.privacy().delta())),
          fewerRounds(fewest(null))
              + "or a larger ringBits or cohort.minimum, or a larger epsilon.");
    } catch (PipelineException e) {
      ring(e);
    }
    return false;
  }

  private void tooSmall(double stated, double cost) {
    Job.Privacy p = job.privacy();
    String noise;
    try {
      noise =
          "noiseMultiplier: "
              + roundedUp(Noise.calibrate(job, job.cohort().participations()).noiseMultiplier())
              + ", or leave noiseMultiplier out and Tributary will choose it.";
    } catch (UnreachableBudgetException e) {
      noise =
          "a larger epsilon: any noise that the sum can carry costs "
              + number(e.reachedEpsilon())
              + " or more.";
    }
    refuse(
        privacy,
        "budget-too-small",
        "epsilon",
        String.format(
            "cannot pay for %d rounds, %d for each client, with noise multiplier %s (they cost %s"
                + " at delta %s)",
            job.rounds(),
            job.cohort().participations(),
            number(stated),
            number(cost),
            number(p.delta())),
        fewerRounds(fewest(stated)) + "or " + noise);
  }

  /** The most participations of a client that the budget pays for; 0 if not one. */
  private int fewest(@Nullable Double stated) {
    int low = 0;
    int high = job.cohort().participations() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (pays(stated, middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private boolean pays(@Nullable Double stated, int participations) {
    try {
      if (stated != null) {
        return Noise.plan(job, participations).guarantee().epsilon() <= job.privacy().epsilon();
      }
      Noise.calibrate(job, participations);
      return true;
    } catch (UnreachableBudgetException e) {
      return false;
    }
  }

  private String fewerRounds(int participations) {
    if (participations == 0) {
      return "Either ";
    }
    Integer population = population();
    long rounds =
        population == null
            ? (long) job.rounds() * participations / job.cohort().participations()
            : Math.min(job.rounds(), (long) participations * population / job.cohort().size());
    return String.format("Either rounds: %d with participations: %d, ", rounds, participations);
  }

  /** Plans a round, and reserves the last one in a ledger that is thrown away. */
  private void plan() {
    try {
      Planner planner = new Planner(job, Sa1.ID);
      PrivacyEvent event = planner.event();
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

  private static String roundedUp(double x) {
    return number(Math.ceil(x * 100) / 100);
  }

  /** Up to three significant digits after what is needed, without trailing zeros. */
  private static String number(double x) {
    if (!Double.isFinite(x)) {
      return "without bound";
    }
    if (x != 0 && Math.abs(x) < 1e-3) {
      return String.format(Locale.ROOT, "%.0e", x).replace("e-0", "e-");
    }
    return new java.math.BigDecimal(x)
        .round(new java.math.MathContext(4, java.math.RoundingMode.HALF_UP))
        .stripTrailingZeros()
        .toPlainString();
  }
}
