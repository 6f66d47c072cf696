package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;
import java.util.Arrays;
import java.util.List;

/**
 * Renyi divergence of Gaussian noise over a random subset of fixed size, one unit replaced (Wang,
 * Balle, Kasiviswanathan 2019, arXiv 1808.00087, Theorem 27): integer orders, interpolated by its
 * Corollary 10; above order 256 by its Theorem 9, which is looser and needs no differences. Of the
 * noise only E_Q[(P/Q)^j] at integers j counts, which is the same for discrete noise with integer
 * shifts.
 *
 * <p>The bound is A(a) = 1 + sum over j &gt;= 2 of binomial(a, j) E[q^j] c_j, with c_j &gt; 0. For
 * a release that has a floor, the rate q is that of {@link SurvivorRates}, and what a draw of few
 * available units adds is the second part of it.
 *
 * <p>Symbols: a order, s standard deviation over the sensitivity of replacing.
 */
final class FixedSizeGaussian {
  /** Forward differences take time quadratic in the order. */
  private static final int MOST_EXACT = 256;

  private static final double REACH = 14;

  private final double s;
  private final List<SurvivorRates> rates;
  private final double[] differences = new double[MOST_EXACT + 1];

  private FixedSizeGaussian(double s, List<SurvivorRates> rates) {
    this.s = s;
    this.rates = rates;
    Arrays.fill(differences, Double.NaN);
  }

  /** At one rate q: whoever is missing, there is a release. */
  static RenyiCurve curve(double q, double s) {
    return q == 1 ? a -> a / 2 / (s * s) : curve(List.of(SurvivorRates.of(q)), s);
  }

  static RenyiCurve curve(PrivacyEvent.FixedSizeSampled sampled, double s) {
    double q = (double) sampled.sample() / sampled.population();
    return q == 1 || sampled.floor() == 0 ? curve(q, s) : curve(SurvivorRates.of(sampled), s);
  }

  private static RenyiCurve curve(List<SurvivorRates> rates, double s) {
    FixedSizeGaussian bound = new FixedSizeGaussian(s, rates);
    return SampledGaussian.interpolated(a -> bound.logA((int) a));
  }

  /**
   * The least of all bounds; where few are available, at most the unamplified divergence counts.
   */
  private double logA(int a) {
    double unamplified = a * (a - 1.0) / (2 * s * s);
    double least = unamplified;
    for (SurvivorRates rate : rates) {
      double fewer = logOnePlus(rate.logFewer() + logExpm1(unamplified));
      if (fewer < least) {
        least = Math.min(least, Math.max(fewer, logA(a, rate)));
      }
    }
    return least;
  }

  private double logA(int a, SurvivorRates rate) {
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
        double mixed = 0.5 * (difference(j / 2 * 2) + difference((j + 1) / 2 * 2));
        term = Math.min(Math.log(4) + mixed, ordinary);
      }
      sum.add(logBinomial + rate.logMoment(j) + term);
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
  private double difference(int n) {
    if (Double.isNaN(differences[n])) {
      double step = s / 8;
      LogSum sum = new LogSum();
      long points = (long) Math.ceil((n + 2 * REACH * s) / step);
      for (long i = 0; i <= points; i++) {
        double x = -REACH * s + i * step;
        double loss = (x - 0.5) / s / s;
        double size = loss > 40 ? loss : Math.log(Math.abs(Math.expm1(loss)));
        sum.add(-0.5 * (x / s) * (x / s) + n * size);
      }
      differences[n] = sum.value() + Math.log(step / s) - 0.5 * Math.log(2 * Math.PI);
    }
    return differences[n];
  }

  private static double logExpm1(double x) {
    return x > 40 ? x : Math.log(Math.expm1(x));
  }

  private static double logOnePlus(double logarithm) {
    return logarithm > 40 ? logarithm : Math.log1p(Math.exp(logarithm));
  }
}
