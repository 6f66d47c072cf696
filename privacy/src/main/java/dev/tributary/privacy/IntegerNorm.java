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

  private IntegerNorm() {}

  /** The largest integer that is at most Delta~ squared, exactly. */
  static long squaredLimit(double bound) {
    if (!(bound > 0 && bound <= MOST)) {
      throw new IllegalArgumentException("norm bound must be > 0 and <= 2^30, was " + bound);
    }
    BigInteger squared = new BigDecimal(bound).pow(2).toBigInteger();
    return squared.longValueExact();
  }
}
