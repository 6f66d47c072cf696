package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The discrete Laplace P(k) ~ exp(-|k| / b) on the integers for any scale b below 2^30, exactly,
 * but for a table cut off where less than 2^-118 is left.
 *
 * <p>Two levels as in {@link TwoLevelGaussian}: b = K s with K = 2^k and s below 32. A table gives
 * x &gt;= 0 with weight exp(-x / s), k bits give y in [0, K), and K x + y is kept with probability
 * exp(-y / b), which is near 97 %. A sign follows, and minus zero is drawn again.
 */
final class TwoLevelLaplace implements IntegerNoise {
  static final double SCALE_LIMIT = 0x1p30;

  private static final double TABLE_SCALE_LIMIT = 32;

  private final CumulativeTable table;
  private final int levelBits;
  private final long levelMask;
  private final BernoulliExp coin;

  TwoLevelLaplace(double scale) {
    if (!(scale > 0 && scale < SCALE_LIMIT)) {
      throw new IllegalArgumentException("scale must be > 0 and < 2^30, was " + scale);
    }
    int bits = 0;
    while (Math.scalb(scale, -bits) >= TABLE_SCALE_LIMIT) {
      bits++;
    }
    levelBits = bits;
    levelMask = (1L << bits) - 1;
    table = new CumulativeTable(Weights.laplace(Math.scalb(scale, -bits)));
    BigInteger[] fraction = ExactExp.fraction(new BigDecimal(scale));
    coin = new BernoulliExp(1 / scale, fraction[1], fraction[0]);
  }

  @Override
  public long sample(BitStream bits) {
    while (true) {
      long word = bits.nextLong();
      long value = table.at(word >>> 1, bits);
      if (levelBits > 0) {
        long level = bits.nextLong();
        long y = level & levelMask;
        value = (value << levelBits) + y;
        if (!coin.draw(level >>> 32, y, bits)) {
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
