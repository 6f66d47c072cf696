package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;

/**
 * Renyi divergences of Poisson-subsampled Gaussian noise (Mironov, Talwar, Zhang 2019). Symbols: q
 * rate, s standard deviation over sensitivity, a order, A(a) = E_Q[(P/Q)^a].
 *
 * <p>A(a) - 1 is what is computed, as a sum of terms of one sign: with u = P/Q - 1, E_Q[u] = 0, so
 * A - 1 = E_Q[(1 + u)^a - 1 - a u]. Nothing cancels, however small q is.
 */
final class SampledGaussian {
  /** The trapezoidal rule runs this many standard deviations beyond the outermost peak. */
  private static final double REACH = 14;

  /** Below this a u, (1 + u)^a - 1 - a u is taken from its series: off by less than 1e-11. */
  private static final double SMALL = 1e-2;

  private SampledGaussian() {}

  /** (1 - q) N(0, s^2) + q N(1, s^2) against N(0, s^2), the larger of both directions. */
  static RenyiCurve curve(double q, double s) {
    if (q == 1) {
      return a -> a / 2 / (s * s);
    }
    return a -> (a == Math.rint(a) ? atInteger(q, s, a) : quadrature(q, s, a, false)) / (a - 1);
  }

  /** The mixture with the peak at 1 against the mixture with the peak at -1. */
  static RenyiCurve replaced(double q, double s) {
    if (q == 1) {
      return a -> 2 * a / (s * s);
    }
    return a -> quadrature(q, s, a, true) / (a - 1);
  }

  /**
   * The same at integer orders alone, and convex interpolation of (a - 1) r(a) between: what holds
   * for discrete noise with integer shifts, where E_Q[(P/Q)^k] = exp(k (k - 1) / (2 s^2)) exactly.
   */
  static RenyiCurve discrete(double q, double s) {
    return interpolated(a -> atInteger(q, s, a));
  }

  /** ln A at integer orders by {@code logA}, linear between them; ln A(1) = 0. */
  static RenyiCurve interpolated(RenyiCurve logA) {
    return a -> {
      double below = Math.floor(a);
      double part = a - below;
      double low = below <= 1 ? 0 : logA.at(below);
      double value = part == 0 ? low : (1 - part) * low + part * logA.at(below + 1);
      return value / (a - 1);
    };
  }

  /** ln A by the binomial sum; the terms for k = 0 and 1 sum to 1 with all others' constants. */
  private static double atInteger(double q, double s, double a) {
    if (q == 1) {
      return a * (a - 1) / (2 * s * s);
    }
    LogSum sum = new LogSum();
    double logBinomial = Math.log(a);
    for (int k = 2; k <= a; k++) {
      logBinomial += Math.log((a - k + 1) / k);
      double weight = logBinomial + k * Math.log(q) + (a - k) * Math.log1p(-q);
      sum.add(weight + logExpm1(k * (k - 1.0) / (2 * s * s)));
    }
    return logOnePlus(sum.value());
  }

  /** By the trapezoidal rule, which is exact to rounding for so smooth an integrand. */
  private static double quadrature(double q, double s, double a, boolean replaced) {
    double step = Math.min(s / 8, Math.PI * s * s / 8);
    double from = (replaced ? -1 : 0) - REACH * s;
    double to = (replaced ? 2 * a : a) + REACH * s;
    LogSum sum = new LogSum();
    long points = (long) Math.ceil((to - from) / step);
    for (long i = 0; i <= points; i++) {
      double x = from + i * step;
      double up = logMixture(q, s, x);
      double down = replaced ? logMixture(q, s, -x) : 0;
      sum.add(-0.5 * (x / s) * (x / s) + down + logConvex(up - down, a));
    }
    return logOnePlus(sum.value() + Math.log(step / s) - 0.5 * Math.log(2 * Math.PI));
  }

  private static double logMixture(double q, double s, double x) {
    double exponent = (x - 0.5) / s / s;
    return exponent > 30
        ? exponent + Math.log(q) + Math.log1p((1 - q) / q * Math.exp(-exponent))
        : Math.log1p(q * Math.expm1(exponent));
  }

  /** ln((1 + u)^a - 1 - a u) for u = e^loss - 1. */
  private static double logConvex(double loss, double a) {
    double u = Math.expm1(loss);
    if (a * Math.abs(u) < SMALL) {
      double third = (a - 2) / 3;
      double fourth = third * (a - 3) / 4;
      double fifth = fourth * (a - 4) / 5;
      double series = 1 + u * (third + u * (fourth + u * (fifth + u * fifth * (a - 5) / 6)));
      return Math.log(a * (a - 1) / 2 * u * u * series);
    }
    double power = a * loss;
    if (loss > 40) {
      return power + Math.log1p(-Math.exp(loss - power + Math.log(a)));
    }
    return power > 40 + Math.log1p(Math.abs(u)) + Math.log(a)
        ? power
        : Math.log(Math.expm1(power) - a * u);
  }

  private static double logExpm1(double x) {
    return x > 40 ? x : Math.log(Math.expm1(x));
  }

  private static double logOnePlus(double logarithm) {
    return logarithm > 40 ? logarithm : Math.log1p(Math.exp(logarithm));
  }
}
