package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * Coins that fall true with probability exp(-cost unit), exactly, for integers cost &gt;= 0 and one
 * fraction unit.
 *
 * <p>A uniform u is compared with exp(-t). Since exp(-t) &gt;= 1 - t, the first 32 bits of u decide
 * nearly always when t is small; then 53 bits against a double that is off by less than 2^-48; and
 * in the few cases left, with probability 2^-47, bits are drawn until they differ from exp(-t)
 * computed in integers.
 */
final class BernoulliExp {
  private static final double FIRST_MARGIN = 0x1p-31;
  private static final double SECOND_MARGIN = 0x1p-48;

  private final double unit;
  private final BigInteger numerator;
  private final BigInteger denominator;

  /**
   * @param unit numerator / denominator within a relative 2^-51, below 2^60
   */
  BernoulliExp(double unit, BigInteger numerator, BigInteger denominator) {
    this.unit = unit;
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /**
   * True with probability exp(-cost unit).
   *
   * @param first the first 32 bits of u, in [0, 2^32)
   * @param bits where more of them come from
   */
  boolean draw(long first, long cost, BitStream bits) {
    double t = cost * unit;
    if (first * 0x1p-32 < 1 - t - FIRST_MARGIN) {
      return true;
    }
    long u = (first << 32) | (bits.nextLong() >>> 32);
    double near = (u >>> 11) * 0x1p-53;
    double probability = Math.exp(-t);
    if (near < probability - SECOND_MARGIN) {
      return true;
    }
    return near <= probability + SECOND_MARGIN && drawExactly(u, cost, bits);
  }

  /** The same decision without floating point; {@code u} holds the first 64 bits. */
  boolean drawExactly(long u, long cost, BitStream bits) {
    BigInteger uniform = new BigInteger(Long.toUnsignedString(u));
    BigInteger exponent = BigInteger.valueOf(cost).multiply(numerator);
    for (int precision = 128; ; precision += 64) {
      uniform = uniform.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(bits.nextLong())));
      BigInteger threshold = ExactExp.negative(exponent, denominator, precision);
      BigInteger distance = threshold.subtract(uniform);
      if (distance.bitLength() > 2) {
        return distance.signum() > 0;
      }
    }
  }
}
