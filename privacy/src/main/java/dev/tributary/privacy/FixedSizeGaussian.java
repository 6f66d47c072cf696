package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;

/**
 * Renyi divergence of Gaussian noise over a random subset of fixed size, one unit replaced (Wang,
 * Balle, Kasiviswanathan 2019, arXiv 1808.00087, Theorem 27): integer orders, interpolated by its
 * Corollary 10; above order 256 by its Theorem 9, which is looser and needs no differences.
 *
 * <p>Symbols: q = sample / population, s standard deviation over the sensitivity of replacing.
 */
final class FixedSizeGaussian {
  /** Forward differences take time quadratic in the order. */
  private static final int MOST_EXACT = 256;

  private static final double REACH = 14;

  private FixedSizeGaussian() {}

  static RenyiCurve curve(double q, double s) {
    if (q == 1) {
      return a -> a / 2 / (s * s);
    }
    double[] differences = differences(s);
    return SampledGaussian.interpolated(a -> logA(q, s, (int) a, differences));
  }

  private static double logA(double q, double s, int a, double[] differences) {
    LogSum sum = new LogSum();
    sum.add(0);
    double logBinomial = Math.log(a);
    for (int j = 2; j <= a; j++) {
      logBinomial += Math.log((a - j + 1.0) / j);
      double ordinary = Math.log(2) + moment(s, j - 1);
      double term = ordinary;
      if (j == 2) {
        double r = 1 / (s * s);
        term = Math.min(Math.log(4) + r + Math.log(-Math.expm1(-r)), Math.log(2) + r);
      } else if (a <= MOST_EXACT) {
        double mixed = 0.5 * (differences[j / 2 * 2] + differences[(j + 1) / 2 * 2]);
        term = Math.min(Math.log(4) + mixed, ordinary);
      }
      sum.add(logBinomial + j * Math.log(q) + term);
    }
    return sum.value();
  }

  /** x r(x + 1) = x (x + 1) / (2 s^2). */
  private static double moment(double s, double x) {
    return x * (x + 1) / (2 * s * s);
  }

  /**
   * Logarithms of the forward differences of exp(x (x - 1) / (2 s^2)) at 0, by their even orders n:
   * E[(e^L - 1)^n] for the loss L of N(1, s^2) against N(0, s^2) under the latter, where all is
   * positive and nothing cancels; by the trapezoidal rule.
   */
  private static double[] differences(double s) {
    double step = s / 8;
    double[] result = new double[MOST_EXACT + 1];
    for (int n = 2; n <= MOST_EXACT; n += 2) {
      LogSum sum = new LogSum();
      long points = (long) Math.ceil((n + 2 * REACH * s) / step);
      for (long i = 0; i <= points; i++) {
        double x = -REACH * s + i * step;
        double loss = (x - 0.5) / s / s;
        double size = loss > 40 ? loss : Math.log(Math.abs(Math.expm1(loss)));
        sum.add(-0.5 * (x / s) * (x / s) + n * size);
      }
      result[n] = sum.value() + Math.log(step / s) - 0.5 * Math.log(2 * Math.PI);
    }
    return result;
  }
}
