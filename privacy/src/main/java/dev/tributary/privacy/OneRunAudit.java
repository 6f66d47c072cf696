package dev.tributary.privacy;

/**
 * The lower bound on epsilon that one run with canaries shows (Steinke, Nasr, Jagielski 2023, arXiv
 * 2305.08846, Theorem 5.2). Symbols: m canaries, r guesses, v of them correct.
 */
public final class OneRunAudit {
  private static final double MOST_EPSILON = 100;

  private OneRunAudit() {}

  /**
   * How likely so many correct guesses are, at most, if the run is (epsilon, delta)-private: P[B
   * &gt;= v] + 2 m delta max over i of (P[B &gt;= v - i] - P[B &gt;= v]) / i for B ~ Binomial(r,
   * e^epsilon / (1 + e^epsilon)).
   */
  public static double pValue(
      int canaries, int guesses, int correct, double epsilon, double delta) {
    Checks.atLeast("guesses", 1, guesses);
    Checks.atLeast("canaries (guesses or more)", guesses, canaries);
    Checks.atLeast("correct", 0, correct);
    Checks.atLeast("guesses (correct or more)", correct, guesses);
    Checks.notNegative("epsilon", epsilon);
    double p = 1 / (1 + Math.exp(-epsilon));
    double least = Binomial.atLeast(guesses, p, correct);
    double slope = 0;
    if (delta > 0) {
      for (int i = 1; i <= correct; i++) {
        slope = Math.max(slope, (Binomial.atLeast(guesses, p, correct - i) - least) / i);
      }
    }
    return Math.min(1, least + 2 * canaries * delta * slope);
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
