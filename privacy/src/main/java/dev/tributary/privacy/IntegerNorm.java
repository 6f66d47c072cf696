package dev.tributary.privacy;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The norm check that proves the sensitivity: on integers, after rounding, exact. With Delta~ at
 * most 2^30, a coordinate within Delta~ squares to at most 2^60, so four of them on top of a sum
 * within Delta~^2 stay below 2^63.
 */
final class IntegerNorm {
  static final double MOST = 0x1p30;

  /** Magnitudes whose squares may be added without a look at the limit: 2^26. */
  static final int SMALL = 1 << 26;

  private IntegerNorm() {}

  /** The largest integer that is at most Delta~ squared, exactly. */
  static long squaredLimit(double bound) {
    if (!(bound > 0 && bound <= MOST)) {
      throw new IllegalArgumentException("norm bound must be > 0 and <= 2^30, was " + bound);
    }
    BigInteger squared = new BigDecimal(bound).pow(2).toBigInteger();
    return squared.longValueExact();
  }

  /**
   * The sum of squares of values below {@link #SMALL} in magnitude, at most 2^10 of them: at most
   * 2^62.
   */
  static long squared(int[] values, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += (long) values[i] * values[i];
    }
    return sum;
  }

  /**
   * Adds squares one by one to a sum within the limit, and stops beyond it.
   *
   * @return the whole sum, or one that is larger than the limit
   */
  static long squaredUpTo(long limit, long sum, int[] values, int from, int to) {
    long squared = sum;
    for (int i = from; i < to && squared <= limit; i++) {
      squared += (long) values[i] * values[i];
    }
    return squared;
  }
}
