package dev.tributary.privacy;

/**
 * Conditional stochastic rounding (Kairouz, Liu, Steinke 2021, Algorithm 2): each coordinate goes
 * to a neighbouring integer, right on average, and the whole vector is drawn again until its l2
 * norm is within the bound. Each draw passes with probability at least 1 - beta = 0.39, so {@value
 * #ATTEMPTS} in a row fail with probability below 2^-92; then the caller sends zero. The norm is
 * compared on integers, see {@link IntegerNorm}.
 */
final class StochasticRounding {
  static final int ATTEMPTS = 128;

  private final long squaredLimit;

  StochasticRounding(double normBound) {
    squaredLimit = IntegerNorm.squaredLimit(normBound);
  }

  /** Rounds {@code from} (grid units) into {@code into}; false if every attempt broke the bound. */
  boolean round(float[] from, int[] into, BitStream bits) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt(from, into, bits)) {
        return true;
      }
    }
    return false;
  }

  private boolean attempt(float[] from, int[] into, BitStream bits) {
    long squared = 0;
    long word = 0;
    for (int i = 0; i < from.length; i++) {
      word = (i & 1) == 0 ? bits.nextLong() : word >>> 32;
      int value = (int) Math.floor(from[i] + (word & 0xFFFFFFFFL) * 0x1p-32);
      into[i] = value;
      squared += (long) value * value;
      if (squared > squaredLimit) {
        return false;
      }
    }
    return true;
  }
}
