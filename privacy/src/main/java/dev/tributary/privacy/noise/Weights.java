package dev.tributary.privacy.noise;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Weights of x &gt;= 0 for {@link CumulativeTable}, in integers: of the symmetric distributions on
 * the integers, one side with 0. Tables end where less than 2^-118 of the mass is left; each weight
 * is off by less than 2^-150 of the greatest.
 */
final class Weights {
  private static final int PRECISION = 192;
  private static final BigInteger ONE = BigInteger.ONE.shiftLeft(PRECISION);

  /** ln 2^130: what a table leaves out has less than 2^-118 of the mass, for 2^12 scales a side. */
  private static final double END = 130 * Math.log(2);

  /** Where Miller's recurrence starts: what is wrong there has died out by the table's end. */
  private static final double START = 300 * Math.log(2);

  private Weights() {}

  /**
   * exp(-x^2 / (2 s^2)) by p(x+1) = p(x) r(x), r(x+1) = r(x) q, with r(0) = exp(-1/(2 s^2)), q =
   * exp(-1/s^2).
   *
   * @param s below 32
   */
  static BigInteger[] gaussian(double s) {
    BigInteger[] square = ExactExp.squareTimes(s, 2);
    BigInteger ratio = ExactExp.negative(square[1], square[0], PRECISION);
    BigInteger step = ExactExp.negative(square[1].shiftLeft(1), square[0], PRECISION);
    BigInteger[] weights = new BigInteger[(int) Math.ceil(s * Math.sqrt(2 * END)) + 2];
    BigInteger weight = ONE;
    for (int x = 0; x < weights.length; x++) {
      weights[x] = weight;
      weight = weight.multiply(ratio).shiftRight(PRECISION);
      ratio = ratio.multiply(step).shiftRight(PRECISION);
    }
    return weights;
  }

  /**
   * exp(-x / s), for the Laplace distribution.
   *
   * @param s below 32
   */
  static BigInteger[] laplace(double s) {
    BigInteger[] scale = ExactExp.fraction(new BigDecimal(s));
    BigInteger ratio = ExactExp.negative(scale[1], scale[0], PRECISION);
    BigInteger[] weights = new BigInteger[(int) Math.ceil(s * END) + 2];
    BigInteger weight = ONE;
    for (int x = 0; x < weights.length; x++) {
      weights[x] = weight;
      weight = weight.multiply(ratio).shiftRight(PRECISION);
    }
    return weights;
  }

  /**
   * I_x(V), the modified Bessel function that is proportional to the probability of x under the
   * Skellam distribution of variance V, by Miller's backward recurrence p(x-1) = p(x+1) + (2x / V)
   * p(x): stable, since I grows that way and every other solution dies out (DLMF 10.29.1,
   * 3.6(iii)).
   */
  static BigInteger[] skellam(double variance) {
    BigInteger[] fraction = ExactExp.fraction(new BigDecimal(variance));
    BigInteger twice = fraction[1].shiftLeft(1);
    BigInteger[] weights = new BigInteger[skellamTail(variance, END) + 2];
    BigInteger above = BigInteger.ZERO;
    BigInteger weight = ONE;
    for (int x = skellamTail(variance, START) + 2; x > 0; x--) {
      if (x < weights.length) {
        weights[x] = weight;
      }
      BigInteger factor = twice.multiply(BigInteger.valueOf(x));
      BigInteger below = above.add(weight.multiply(factor).divide(fraction[0]));
      above = weight;
      weight = below;
    }
    weights[0] = weight;
    return weights;
  }

  /**
   * The least x that a Skellam variable passes with probability at most exp(-exponent), by
   * Chernoff: ln P[X &gt;= x] &lt;= sqrt(x^2 + V^2) - V - x asinh(x / V).
   */
  private static int skellamTail(double variance, double exponent) {
    int low = 0;
    int high = 1 << 30;
    while (high - low > 1) {
      int x = (low + high) >>> 1;
      double rest = (double) x * x / (Math.hypot(x, variance) + variance);
      double asinh = Math.log1p(x / variance + (Math.hypot(x, variance) - variance) / variance);
      if (x * asinh - rest >= exponent) {
        high = x;
      } else {
        low = x;
      }
    }
    return high;
  }
}
