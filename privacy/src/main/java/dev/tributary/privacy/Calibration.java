package dev.tributary.privacy;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;

/**
 * Solves an accountant for any one unknown: noise, rounds or sampling rate that keep an (epsilon,
 * delta), each on the safe side. The epsilon must fall as the noise grows, and rise with rounds and
 * rate.
 */
public final class Calibration {
  private static final double MOST_LOG_NOISE = 30;
  private static final double STRIDE = 0.5;
  private static final double PRECISION = 1e-6;

  private Calibration() {}

  /**
   * The smallest noise multiplier that keeps the budget, from above, to 1e-6 of itself.
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
    DoubleUnaryOperator excess =
        logZ ->
            Math.log(epsilon(accountant, charges.apply(Math.exp(logZ)), delta, relation) / epsilon);
    double high = 0;
    double atHigh = excess.applyAsDouble(high);
    while (atHigh > 0 && high < MOST_LOG_NOISE) {
      high += STRIDE;
      atHigh = excess.applyAsDouble(high);
    }
    if (atHigh > 0) {
      double reached = epsilon * Math.exp(atHigh);
      throw new UnreachableBudgetException(
          "no noise keeps epsilon " + epsilon + " at delta " + delta + ": it stays at " + reached,
          reached);
    }
    double low = high - STRIDE;
    double atLow = excess.applyAsDouble(low);
    while (atLow <= 0 && low > -MOST_LOG_NOISE) {
      high = low;
      atHigh = atLow;
      low -= STRIDE;
      atLow = excess.applyAsDouble(low);
    }
    return Math.exp(falsePosition(excess, low, atLow, high, atHigh));
  }

  /**
   * Where a falling function passes 0, from above: false position between bounds, a little to the
   * safe side of it, so that both bounds move.
   */
  private static double falsePosition(
      DoubleUnaryOperator falling, double low, double atLow, double high, double atHigh) {
    double a = low;
    double b = high;
    double atA = atLow;
    double atB = atHigh;
    for (int i = 0; b - a > PRECISION; i++) {
      double straight =
          Double.isInfinite(atA) || Double.isInfinite(atB)
              ? 0.5 * (a + b)
              : a + (b - a) * atA / (atA - atB);
      double margin = 0.25 * PRECISION;
      double aside = i % 2 == 0 ? straight + margin : straight - margin;
      double next = i % 6 == 5 ? 0.5 * (a + b) : Math.min(b - margin, Math.max(a + margin, aside));
      double value = falling.applyAsDouble(next);
      if (value <= 0) {
        b = next;
        atB = value;
      } else {
        a = next;
        atA = value;
      }
    }
    return b;
  }

  /**
   * The largest sampling rate that keeps the budget, from below, to 1e-6 of itself; 1 if every rate
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
   * @param most where to stop looking; returned if it keeps the budget
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
    while (epsilon(accountant, charges.apply(high), delta, relation) <= epsilon) {
      if (high == most) {
        return most;
      }
      low = high;
      high = high > most / 2 ? most : 2 * high;
    }
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
