package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;

/**
 * The Skellam distribution of a variance beyond a {@link TabledSkellam}'s: variables of this
 * distribution add up to one of it, so it is a sum of 4^j draws of variance V / 4^j, exactly, since
 * dividing by a power of two does not round. A draw takes V / 2^28 to V / 2^26 draws of a table.
 */
final class SummedSkellam implements IntegerNoise {
  static final double VARIANCE_LIMIT = 0x1p40;

  private final IntegerNoise part;
  private final int parts;

  SummedSkellam(double variance) {
    if (!(variance > TabledSkellam.VARIANCE_LIMIT && variance <= VARIANCE_LIMIT)) {
      throw new IllegalArgumentException("variance must be > 2^28 and <= 2^40, was " + variance);
    }
    int count = 4;
    while (variance / count > TabledSkellam.VARIANCE_LIMIT) {
      count *= 4;
    }
    this.parts = count;
    this.part = new TabledSkellam(variance / count);
  }

  @Override
  public long sample(BitStream bits) {
    long sum = 0;
    for (int i = 0; i < parts; i++) {
      sum += part.sample(bits);
    }
    return sum;
  }
}
