package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;

/**
 * The Skellam distribution Poisson(V/2) - Poisson(V/2) of variance V, exactly, but for a table cut
 * off where less than 2^-118 is left. One table holds the whole distribution, so the standard
 * deviation is at most 2^14: 3.5 MB, made in about a tenth of a second.
 */
final class TabledSkellam implements IntegerNoise {
  static final double VARIANCE_LIMIT = 0x1p28;

  private final CumulativeTable table;

  TabledSkellam(double variance) {
    if (!(variance >= 0x1p-10 && variance <= VARIANCE_LIMIT)) {
      throw new IllegalArgumentException("a table has 2^-10 to 2^28 of variance, not " + variance);
    }
    table = new CumulativeTable(Weights.skellam(variance));
  }

  @Override
  public long sample(BitStream bits) {
    while (true) {
      long word = bits.nextLong();
      long value = table.at(word >>> 1, bits);
      long negative = word & 1;
      if ((value | (negative ^ 1)) != 0) {
        return (value ^ -negative) + negative;
      }
    }
  }
}
