package dev.tributary.nn;

/**
 * Numbers from a seed for start weights and shuffles: SplitMix64 (Steele, Lea, Flood 2014) with the
 * constants of variant 13. Written out here so that a seed means the same on every Java. Never for
 * noise or keys.
 */
final class SeededStream {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SeededStream(long seed) {
    this.state = seed;
  }

  long nextLong() {
    state += GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Uniform in [0, 1). */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** Standard normal, by the polar method (Marsaglia and Bray 1964); of each pair one is used. */
  double nextGaussian() {
    while (true) {
      double u = 2 * nextDouble() - 1;
      double v = 2 * nextDouble() - 1;
      double square = u * u + v * v;
      if (square > 0 && square < 1) {
        return u * Math.sqrt(-2 * StrictMath.log(square) / square);
      }
    }
  }

  /** In [0, bound); the bias of the multiplication is below 2^-32. */
  int nextInt(int bound) {
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }

  /** Fisher and Yates. */
  void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
  }
}
