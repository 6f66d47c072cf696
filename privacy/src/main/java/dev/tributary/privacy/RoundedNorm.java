package dev.tributary.privacy;

/**
 * Norm bounds of a vector after stochastic rounding to integers (Kairouz, Liu, Steinke 2021,
 * Proposition 22 and section 4.2). Symbols: c = l2 norm bound before rounding, d = dimension, beta
 * = bias allowed to conditional rounding; all in grid units.
 */
public final class RoundedNorm {
  /** beta = exp(-1/2), the value of the paper's experiments. */
  public static final double BETA = Math.exp(-0.5);

  private RoundedNorm() {}

  /**
   * Delta~ = min(c + sqrt(d), sqrt(c^2 + d/4 + sqrt(2 ln(1/beta)) (c + sqrt(d)/2))).
   *
   * @param beta in [0, 1); 0 leaves the first form, which needs no second try
   */
  public static double l2Bound(double norm, double beta, long dimension) {
    Checks.positive("norm", norm);
    Checks.atLeast("dimension", 1L, dimension);
    if (!(beta >= 0 && beta < 1)) {
      throw new IllegalArgumentException("beta must be >= 0 and < 1, was " + beta);
    }
    double root = Math.sqrt((double) dimension);
    double always = norm + root;
    if (beta == 0) {
      return always;
    }
    double conditional =
        norm * norm + 0.25 * dimension + Math.sqrt(-2 * Math.log(beta)) * (norm + 0.5 * root);
    return Math.min(always, Math.sqrt(conditional));
  }

  /** l1 bound min(sqrt(d) l2, l2^2) of an integer vector with the l2 bound {@code l2}. */
  public static double l1Bound(double l2, long dimension) {
    Checks.positive("l2", l2);
    Checks.atLeast("dimension", 1L, dimension);
    return Math.min(Math.sqrt((double) dimension) * l2, l2 * l2);
  }
}
