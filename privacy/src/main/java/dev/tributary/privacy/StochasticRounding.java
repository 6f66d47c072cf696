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
    for (int i = 0; i < ATTEMPTS; i++) {
      if (new Attempt(bits).round(from, from.length, into, 0)) {
        return true;
      }
    }
    return false;
  }

  /** One draw of a vector that comes in parts. */
  Attempt attempt(BitStream bits) {
    return new Attempt(bits);
  }

  /** The norm of the parts so far. */
  final class Attempt {
    private final BitStream bits;
    private long squared;

    private Attempt(BitStream bits) {
      this.bits = bits;
    }

    /**
     * Rounds the next part.
     *
     * @param from grid units, elements {@code [0, length)}; the length is even but in the last part
     * @param offset first element of {@code into} that is set
     * @return false if the vector is beyond the bound; then the attempt is over
     */
    boolean round(float[] from, int length, int[] into, int offset) {
      for (int at = 0; at < length; at += CHUNK) {
        int n = Math.min(length - at, CHUNK);
        int to = offset + at;
        squared =
            draw(from, at, n, into, to, bits)
                ? squared + IntegerNorm.squared(into, to, to + n)
                : IntegerNorm.squaredUpTo(squaredLimit, squared, into, to, to + n);
        if (squared > squaredLimit) {
          return false;
        }
      }
      return true;
    }
  }

  /** Whether all n drawn values are within {@link IntegerNorm#SMALL}. */
  private static boolean draw(float[] from, int at, int n, int[] into, int to, BitStream bits) {
    int magnitudes = 0;
    int i = 0;
    for (; i < n - 1; i += 2) {
      long word = bits.nextLong();
      int first = rounded(from[at + i], word);
      int second = rounded(from[at + i + 1], word >>> 32);
      into[to + i] = first;
      into[to + i + 1] = second;
      magnitudes |= (first ^ (first >> 31)) | (second ^ (second >> 31));
    }
    if (i < n) {
      int last = rounded(from[at + i], bits.nextLong());
      into[to + i] = last;
      magnitudes |= last ^ (last >> 31);
    }
    return magnitudes < IntegerNorm.SMALL;
  }

  /**
   * Rounds up where the fraction and 32 uniform bits reach 1 together. What an int cannot hold
   * becomes one beyond 2^30 in magnitude, which no bound lets pass. The floor is one instruction,
   * where a comparison would be a branch on the sign.
   */
  private static int rounded(float value, long bits) {
    return (int) Math.floor(value + (bits & 0xFFFFFFFFL) * 0x1p-32);
  }
}
