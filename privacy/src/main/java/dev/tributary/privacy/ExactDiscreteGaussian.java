package dev.tributary.privacy;

import dev.tributary.privacy.loss.AtomicPair;

/**
 * The exact trade-off of one discrete Gaussian P(k) ~ exp(-k^2 / (2 sigma^2)) on the integers,
 * shifted by an integer s: delta(epsilon) = sum over k of max(0, P(k) - e^epsilon P(k - s))
 * (Canonne, Kamath, Steinke 2020, Theorem 7, summed as it stands). The terms are positive exactly
 * for k &lt; s/2 - sigma^2 epsilon / s, so delta grows with s, and shifts the other way give the
 * same.
 */
public final class ExactDiscreteGaussian {
  /** In standard deviations: what lies farther out weighs less than e^-50 of the rest. */
  private static final double REACH = 10;

  private static final double WIDE = 37;

  private static final double MOST_SIGMA = 1e7;

  private ExactDiscreteGaussian() {}

  /**
   * delta of one release.
   *
   * @param sigma parameter, at most 10^7, where the continuous Gaussian is the same to 14 digits
   * @param sensitivity s, at least 1
   * @param epsilon at least 0
   */
  public static double delta(double sigma, int sensitivity, double epsilon) {
    Checks.positive("sigma", sigma);
    if (sigma > MOST_SIGMA) {
      throw new IllegalArgumentException("sigma must be <= 1e7, was " + sigma);
    }
    Checks.atLeast("sensitivity", 1, sensitivity);
    Checks.notNegative("epsilon", epsilon);
    double inverse = 1 / (2 * sigma * sigma);
    double top = Math.ceil(0.5 * sensitivity - sigma * sigma * epsilon / sensitivity) - 1;
    double peak = Math.min(top, 0);
    double bottom = peak - Math.ceil(REACH * sigma) - 1;
    double start = Math.min(top, Math.ceil(REACH * sigma) + 1);
    double sum = 0;
    for (double k = bottom; k <= start; k++) {
      double loss = sensitivity * (sensitivity - 2 * k) * inverse;
      double weight = Math.exp((peak - k) * (peak + k) * inverse);
      sum -= weight * Math.expm1(epsilon - loss);
    }
    return Math.exp(Math.log(sum) - peak * peak * inverse - Math.log(total(sigma, inverse)));
  }

  /**
   * The loss distribution of one release; what lies beyond 37 standard deviations is below e^-684.
   */
  static AtomicPair pair(double sigma, int sensitivity) {
    Checks.positive("sigma", sigma);
    Checks.atLeast("sensitivity", 1, sensitivity);
    double inverse = 1 / (2 * sigma * sigma);
    double total = total(sigma, inverse);
    int reach = (int) Math.ceil(WIDE * sigma) + 1;
    double[] losses = new double[2 * reach + 1];
    double[] masses = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      losses[k + reach] = sensitivity * ((double) sensitivity - 2.0 * k) * inverse;
      masses[k + reach] = Math.exp(-inverse * k * k) / total;
    }
    return new AtomicPair(losses, masses, 0);
  }

  private static double total(double sigma, double inverse) {
    double sum = 0;
    for (double k = Math.ceil(REACH * sigma) + 1; k >= 1; k--) {
      sum += Math.exp(-k * k * inverse);
    }
    return 1 + 2 * sum;
  }
}
