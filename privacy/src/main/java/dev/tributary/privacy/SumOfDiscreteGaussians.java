package dev.tributary.privacy;

/**
 * Renyi divergence of a sum of discrete Gaussians (Kairouz, Liu, Steinke 2021, Theorem 1). A sum of
 * n discrete Gaussians of parameter sigma is not a discrete Gaussian of parameter sqrt(n) sigma;
 * tau bounds how far it is off per coordinate.
 *
 * <p>Symbols: n shares, sigma parameter of one share, d dimension, l2 and l1 sensitivities in units
 * of sqrt(n) sigma.
 */
public final class SumOfDiscreteGaussians {
  /** Below this exponent exp underflows to 0, and all later terms too. */
  private static final double LEAST_EXPONENT = -746;

  /** Terms of tau that are added one by one: no plan can make a client add more. */
  private static final int MOST_TERMS = 1 << 16;

  private final double l2;
  private final double l1;
  private final double tau;
  private final double dimension;

  private SumOfDiscreteGaussians(double l2, double l1, double tau, double dimension) {
    this.l2 = l2;
    this.l1 = l1;
    this.tau = tau;
    this.dimension = dimension;
  }

  static SumOfDiscreteGaussians of(PrivacyEvent.DistributedDiscreteGaussian event) {
    double total = Math.sqrt(event.shares()) * event.shareSigma();
    return new SumOfDiscreteGaussians(
        event.sensitivity() / total,
        RoundedNorm.l1Bound(event.sensitivity(), event.dimension()) / total,
        tau(event.shares(), event.shareSigma()),
        event.dimension());
  }

  /**
   * tau = 10 sum over k = 1..n-1 of exp(-2 pi^2 sigma^2 k / (k + 1)), sigma in grid units. Terms
   * fall as k grows, so those after the first 65,536 are counted as the last of these: never less.
   */
  public static double tau(int shares, double shareSigma) {
    Checks.atLeast("shares", 1, shares);
    Checks.positive("shareSigma", shareSigma);
    double sum = 0;
    double term = 0;
    int last = Math.min(shares - 1, MOST_TERMS);
    for (int k = 1; k <= last; k++) {
      double exponent = -2 * Math.PI * Math.PI * shareSigma * shareSigma * k / (k + 1.0);
      if (exponent < LEAST_EXPONENT) {
        return 10 * sum;
      }
      term = Math.exp(exponent);
      sum += term;
    }
    return 10 * (sum + (shares - 1 - last) * term);
  }

  /** The least of the theorem's three bounds, for vectors {@code distance} sensitivities apart. */
  RenyiCurve curve(double distance) {
    double far2 = distance * l2;
    double far1 = distance * l1;
    double additive = tau * dimension;
    double mixed = far2 * far2 + 2 * far1 * tau + tau * tau * dimension;
    double rooted = far2 + Math.sqrt(dimension) * tau;
    double concentrated = Math.min(mixed, rooted * rooted);
    return order -> Math.min(order / 2 * far2 * far2 + additive, order / 2 * concentrated);
  }
}
