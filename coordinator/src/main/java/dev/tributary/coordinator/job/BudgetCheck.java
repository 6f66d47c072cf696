package dev.tributary.coordinator.job;

import dev.tributary.coordinator.round.Noise;
import dev.tributary.privacy.PipelineException;
import dev.tributary.privacy.UnreachableBudgetException;
import dev.tributary.privacy.correlated.IntractableScheduleException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether a job's noise keeps its budget; where it does not, what would. */
final class BudgetCheck {
  private final Job job;
  private final Section privacy;

  BudgetCheck(Job job, Section privacy) {
    this.job = job;
    this.privacy = privacy;
  }

  /** Whether the noise that the job states, or that is found for it, keeps the budget. */
  boolean holds() {
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
            "ring-too-small",
            "ringBits",
            "cannot carry the noise of " + job.cohort().size() + " clients",
            "Leave ringBits out and Tributary will choose it.");
        return false;
      }
      refuse(
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
    } catch (IntractableScheduleException e) {
      refuse(
          "job-out-of-range",
          "mechanism",
          "cannot be planned: " + e.getMessage(),
          "Raise cohort.schedule.separation, or write mechanism: central-blt.");
    } catch (PipelineException e) {
      refuse(
          "ring-too-small",
          job.privacy().ringBits() != null ? "ringBits" : "clipNorm",
          "cannot be kept: " + e.getMessage(),
          "Change clipNorm, cohort.size or ringBits.");
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
    Integer population = job.clients();
    long rounds =
        population == null
            ? (long) job.rounds() * participations / job.cohort().participations()
            : Math.min(job.rounds(), (long) participations * population / job.cohort().size());
    if (job.sampled()) {
      return String.format("Either rounds: %d, ", participations);
    }
    return String.format("Either rounds: %d with participations: %d, ", rounds, participations);
  }

  private void refuse(String code, String key, String rule, String wayOut) {
    privacy.problem(code, key, rule, wayOut);
  }

  private static String roundedUp(double x) {
    return number(Math.ceil(x * 100) / 100);
  }

  /** Up to three significant digits after what is needed, without trailing zeros. */
  static String number(double x) {
    if (!Double.isFinite(x)) {
      return "without bound";
    }
    if (x != 0 && Math.abs(x) < 1e-3) {
      return String.format(Locale.ROOT, "%.0e", x).replace("e-0", "e-");
    }
    return new BigDecimal(x)
        .round(new MathContext(4, RoundingMode.HALF_UP))
        .stripTrailingZeros()
        .toPlainString();
  }
}
