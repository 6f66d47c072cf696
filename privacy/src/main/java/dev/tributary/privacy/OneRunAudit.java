package dev.tributary.privacy;

/**
 * The lower bound on epsilon that one run with canaries shows (Steinke, Nasr, Jagielski 2023, arXiv
 * 2305.08846, Theorem 5.2). Symbols: m canaries, r guesses, v of them correct.
 */
public final class OneRunAudit {
  private static final double MOST_EPSILON = 100;
  private static final double LARGEST_EXPONENT = 700;

  private OneRunAudit() {}

  /**
   * How likely so many correct guesses are, at most, if the run is (epsilon, delta)-private: P[B
   * &gt;= v] + 2 m delta max over i of (P[B &gt;= v - i] - P[B &gt;= v]) / i for B ~ Binomial(r,
   * e^epsilon / (1 + e^epsilon)). With delta 0 it is the bound for (epsilon, 0).
   *
   * @param canaries all whose coin was thrown, guessed or not
   */
  public static double pValue(
      int canaries, int guesses, int correct, double epsilon, double delta) {
    Checks.atLeast("guesses", 1, guesses);
    Checks.atLeast("canaries (guesses or more)", guesses, canaries);
    Checks.atLeast("correct", 0, correct);
    Checks.atLeast("guesses (correct or more)", correct, guesses);
    Checks.notNegative("epsilon", epsilon);
    if (!(delta >= 0 && delta <= 1)) {
      throw new IllegalArgumentException("delta must be >= 0 and <= 1, was " + delta);
    }
    if (epsilon > LARGEST_EXPONENT) {
      return 1; // success is certain to the last bit
    }
    double[] mass = binomial(guesses, Math.exp(epsilon));
    double least = 0;
    for (int k = guesses; k >= correct; k--) {
      least += mass[k];
    }
    double slope = 0;
    double between = 0;
    for (int i = 1; i <= correct && delta > 0; i++) {
      between += mass[correct - i];
      slope = Math.max(slope, between / i);
    }
    return Math.min(1, least + 2 * canaries * delta * slope);
  }

  /**
   * The probabilities of 0 to n successes where success is {@code odds} times as likely as failure:
   * products of neighbours' ratios outwards from the likeliest, so that nothing cancels and only
   * what is below 1e-308 of it is lost.
   */
  private static double[] binomial(int n, double odds) {
    double[] mass = new double[n + 1];
    int mode = (int) Math.min(n, Math.floor((n + 1) * (odds / (1 + odds))));
    mass[mode] = 1;
    for (int k = mode; k < n; k++) {
      mass[k + 1] = mass[k] * ((double) (n - k) / (k + 1)) * odds;
    }
    for (int k = mode; k > 0; k--) {
      mass[k - 1] = mass[k] * ((double) k / (n - k + 1)) / odds;
    }
    double total = 0;
    for (double each : mass) {
      total += each;
    }
    for (int k = 0; k <= n; k++) {
      mass[k] /= total;
    }
    return mass;
  }

  /** The largest epsilon that is refuted at the significance; 0 if none is. */
  public static double epsilonLowerBound(
      int canaries, int guesses, int correct, double delta, double significance) {
    if (!(significance > 0 && significance < 1)) {
      throw new IllegalArgumentException("significance must be > 0 and < 1, was " + significance);
    }
    double low = 0;
    double high = MOST_EPSILON;
    if (pValue(canaries, guesses, correct, 0, delta) > significance) {
      return 0;
    }
    while (high - low > 1e-9) {
      double middle = 0.5 * (low + high);
      if (pValue(canaries, guesses, correct, middle, delta) > significance) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return low;
  }
}
