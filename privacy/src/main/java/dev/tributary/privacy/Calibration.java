package dev.tributary.privacy;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoublePredicate;
import java.util.function.IntFunction;

/**
 * Solves an accountant for any one unknown: noise, rounds or sampling rate that keep an (epsilon,
 * delta), each on the safe side. The epsilon must fall as the noise grows, and rise with rounds and
 * rate.
 */
public final class Calibration {
  private static final double LEAST_NOISE = 0x1p-10;
  private static final double MOST_NOISE = 0x1p40;
  private static final double PRECISION = 1e-7;

  private Calibration() {}

  /**
   * The smallest noise multiplier that keeps the budget, from above, to 1e-7 of itself.
   *
   * @param charges the whole run at a noise multiplier
   * @throws UnreachableBudgetException if no noise keeps it
   */
  public static double noiseMultiplier(
      Accountant accountant,
      DoubleFunction<List<Charge>> charges,
      double epsilon,
      double delta,
      Relation relation) {
    Checks.positive("epsilon", epsilon);
    DoublePredicate keeps = z -> epsilon(accountant, charges.apply(z), delta, relation) <= epsilon;
    double high = 1;
    while (high < MOST_NOISE && !keeps.test(high)) {
      high *= 2;
    }
    if (!keeps.test(high)) {
      double reached = epsilon(accountant, charges.apply(high), delta, relation);
      throw new UnreachableBudgetException(
          "no noise keeps epsilon " + epsilon + " at delta " + delta + ": it stays at " + reached,
          reached);
    }
    double low = high / 2;
    while (low > LEAST_NOISE && keeps.test(low)) {
      high = low;
      low /= 2;
    }
    while (high - low > PRECISION * high) {
      double middle = 0.5 * (low + high);
      if (keeps.test(middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /**
   * The largest sampling rate that keeps the budget, from below, to 1e-7 of itself; 1 if every rate
   * does.
   *
   * @param charges the whole run at a rate
   * @throws UnreachableBudgetException if even a rate of 2^-30 does not
   */
  public static double rate(
      Accountant accountant,
      DoubleFunction<List<Charge>> charges,
      double epsilon,
      double delta,
      Relation relation) {
    Checks.positive("epsilon", epsilon);
    DoublePredicate keeps = q -> epsilon(accountant, charges.apply(q), delta, relation) <= epsilon;
    double high = 1;
    double low = 1;
    while (!keeps.test(low)) {
      high = low;
      low /= 2;
      if (low < 0x1p-30) {
        double reached = epsilon(accountant, charges.apply(low), delta, relation);
        throw new UnreachableBudgetException(
            "no sampling rate keeps epsilon " + epsilon + ": it stays at " + reached, reached);
      }
    }
    while (high - low > PRECISION * high) {
      double middle = 0.5 * (low + high);
      if (keeps.test(middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The largest number of rounds that keeps the budget; 0 if not even one does.
   *
   * @param charges the run of so many rounds
   * @param most where to stop looking
   */
  public static int rounds(
      Accountant accountant,
      IntFunction<List<Charge>> charges,
      int most,
      double epsilon,
      double delta,
      Relation relation) {
    Checks.positive("epsilon", epsilon);
    Checks.atLeast("most", 1, most);
    int low = 0;
    int high = 1;
    while (high <= most && epsilon(accountant, charges.apply(high), delta, relation) <= epsilon) {
      low = high;
      high = high > most / 2 && high < most ? most : Math.multiplyExact(high, 2);
    }
    high = Math.min(high, most + 1);
    while (high - low > 1) {
      int middle = low + (high - low) / 2;
      if (epsilon(accountant, charges.apply(middle), delta, relation) <= epsilon) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double epsilon(
      Accountant accountant, List<Charge> charges, double delta, Relation relation) {
    return accountant.epsilon(charges, delta, Unit.USER, relation).epsilon();
  }
}
