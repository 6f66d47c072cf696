package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigInteger;

/**
 * The discrete Gaussian on the integers for any sigma below 2^30, exactly, but for a table cut off
 * where less than 2^-118 is left (total variation per draw, thresholds included).
 *
 * <p>Two levels (Poeppelmann, Ducas, Gueneysu 2014, section 3.2): sigma = K s with K = 2^k and s
 * below 32. A table gives x &gt;= 0 with weight exp(-x^2 / (2 s^2)), k bits give y in [0, K), and K
 * x + y is kept with probability exp(-y (y + 2 K x) / (2 sigma^2)), which is near 97 %. A sign
 * follows, and minus zero is drawn again. Small sigmas need the table alone.
 *
 * <p>The rejection compares a uniform u with exp(-t). Since exp(-t) &gt;= 1 - t, the first 32 bits
 * of u decide nearly always; then 53 bits against a double that is off by less than 2^-48; and in
 * the few cases left, with probability 2^-47, bits are drawn until they differ from exp(-t)
 * computed in integers.
 *
 * <p>Table look-ups and rejections take time that depends on the noise. Draw away from the path
 * that others can time.
 */
final class TwoLevelGaussian implements IntegerNoise {
  static final double SIGMA_LIMIT = 0x1p30;

  private static final double TABLE_SIGMA_LIMIT = 32;
  private static final double FIRST_MARGIN = 0x1p-31;
  private static final double SECOND_MARGIN = 0x1p-48;

  private final GaussianTable table;
  private final int levelBits;
  private final long levelMask;
  private final double inverse;
  private final BigInteger[] twiceSquare;

  TwoLevelGaussian(double sigma) {
    if (!(sigma > 0 && sigma < SIGMA_LIMIT)) {
      throw new IllegalArgumentException("sigma must be > 0 and < 2^30, was " + sigma);
    }
    int bits = 0;
    while (Math.scalb(sigma, -bits) >= TABLE_SIGMA_LIMIT) {
      bits++;
    }
    levelBits = bits;
    levelMask = (1L << bits) - 1;
    table = new GaussianTable(Math.scalb(sigma, -bits));
    inverse = 1 / (2 * sigma * sigma);
    twiceSquare = ExactExp.squareTimes(sigma, 2);
  }

  @Override
  public long sample(BitStream bits) {
    while (true) {
      long word = bits.nextLong();
      long value = table.at(word >>> 1, bits);
      if (levelBits > 0) {
        long level = bits.nextLong();
        long y = level & levelMask;
        value <<= levelBits;
        long cost = y * (y + 2 * value);
        value += y;
        if (!keep(level >>> 32, cost, bits)) {
          continue;
        }
      }
      long negative = word & 1;
      if ((value | (negative ^ 1)) != 0) {
        return (value ^ -negative) + negative;
      }
    }
  }

  /** True with probability exp(-cost / (2 sigma^2)); {@code first} holds the first 32 bits of u. */
  boolean keep(long first, long cost, BitStream bits) {
    double t = cost * inverse;
    if (first * 0x1p-32 < 1 - t - FIRST_MARGIN) {
      return true;
    }
    long u = (first << 32) | (bits.nextLong() >>> 32);
    double near = (u >>> 11) * 0x1p-53;
    double probability = Math.exp(-t);
    if (near < probability - SECOND_MARGIN) {
      return true;
    }
    return near <= probability + SECOND_MARGIN && keepExactly(u, cost, bits);
  }

  /** The same decision without floating point; {@code u} holds the first 64 bits. */
  boolean keepExactly(long u, long cost, BitStream bits) {
    BigInteger uniform = new BigInteger(Long.toUnsignedString(u));
    BigInteger numerator = BigInteger.valueOf(cost).multiply(twiceSquare[1]);
    for (int precision = 128; ; precision += 64) {
      uniform = uniform.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(bits.nextLong())));
      BigInteger threshold = ExactExp.negative(numerator, twiceSquare[0], precision);
      BigInteger distance = threshold.subtract(uniform);
      if (distance.bitLength() > 2) {
        return distance.signum() > 0;
      }
    }
  }
}
