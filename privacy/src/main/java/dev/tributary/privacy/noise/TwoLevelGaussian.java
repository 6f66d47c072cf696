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
 * <p>Table look-ups and rejections take time that depends on the noise. Draw away from the path
 * that others can time.
 */
final class TwoLevelGaussian implements IntegerNoise {
  static final double SIGMA_LIMIT = 0x1p30;

  private static final double TABLE_SIGMA_LIMIT = 32;

  private final CumulativeTable table;
  private final int levelBits;
  private final long levelMask;
  private final BernoulliExp coin;

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
    table = new CumulativeTable(Weights.gaussian(Math.scalb(sigma, -bits)));
    BigInteger[] twiceSquare = ExactExp.squareTimes(sigma, 2);
    coin = new BernoulliExp(1 / (2 * sigma * sigma), twiceSquare[1], twiceSquare[0]);
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
        if (!coin.draw(level >>> 32, cost, bits)) {
          continue;
        }
      }
      long negative = word & 1;
      if ((value | (negative ^ 1)) != 0) {
        return (value ^ -negative) + negative;
      }
    }
  }
}
