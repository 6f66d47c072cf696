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

  /** Coordinates between two looks at the norm; even, as a word of the stream serves two. */
  private static final int CHUNK = 1 << 10;

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
    for (int at = 0; at < from.length; at += CHUNK) {
      int to = Math.min(from.length, at + CHUNK);
      squared =
          draw(from, into, at, to, bits)
              ? squared + IntegerNorm.squared(into, at, to)
              : IntegerNorm.squaredUpTo(squaredLimit, squared, into, at, to);
      if (squared > squaredLimit) {
        return false;
      }
    }
    return true;
  }

  /** Whether all drawn values are within {@link IntegerNorm#SMALL}. */
  private static boolean draw(float[] from, int[] into, int at, int to, BitStream bits) {
    int magnitudes = 0;
    int i = at;
    for (; i < to - 1; i += 2) {
      long word = bits.nextLong();
      int first = rounded(from[i], word);
      int second = rounded(from[i + 1], word >>> 32);
      into[i] = first;
      into[i + 1] = second;
      magnitudes |= (first ^ (first >> 31)) | (second ^ (second >> 31));
    }
    if (i < to) {
      into[i] = rounded(from[i], bits.nextLong());
      magnitudes |= into[i] ^ (into[i] >> 31);
    }
    return magnitudes < IntegerNorm.SMALL;
  }

  /**
   * Rounds up where the fraction and 32 uniform bits reach 1 together. What an int cannot hold
   * becomes one beyond 2^30 in magnitude, which no bound lets pass.
   */
  private static int rounded(float value, long bits) {
    double raised = value + (bits & 0xFFFFFFFFL) * 0x1p-32;
    int towardsZero = (int) raised;
    return raised < towardsZero ? towardsZero - 1 : towardsZero;
  }
}
