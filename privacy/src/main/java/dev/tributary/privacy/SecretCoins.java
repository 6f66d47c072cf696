package dev.tributary.privacy;

import java.util.List;

/** Choices with exact probabilities, from fair bits. */
final class SecretCoins {
  private static final double WORD = 0x1p64;

  private SecretCoins() {}

  /**
   * True with probability exactly {@code rate}: the binary digits of a uniform number are compared
   * with those of the rate, 64 at a time, until they differ.
   *
   * @param rate 0 to 1
   */
  static boolean coin(double rate, BitStream bits) {
    if (rate == 1) {
      return true;
    }
    double rest = rate;
    while (rest > 0) {
      double scaled = rest * WORD; // exact: a power of two
      double digits = Math.floor(scaled);
      int order = Long.compareUnsigned(bits.nextLong(), unsigned(digits));
      if (order != 0) {
        return order < 0;
      }
      rest = scaled - digits;
    }
    return false;
  }

  /** A whole number below 2^64 as unsigned. */
  private static long unsigned(double digits) {
    return digits < 0x1p63 ? (long) digits : (long) (digits - 0x1p63) + Long.MIN_VALUE;
  }

  /** A uniformly random part of that size, ascending; every part is equally likely. */
  static List<Integer> subset(List<Integer> of, int size, BitStream bits) {
    Integer[] items = of.toArray(new Integer[0]);
    for (int i = 0; i < size; i++) {
      int j = i + below(items.length - i, bits);
      Integer item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return java.util.Arrays.stream(items, 0, size).sorted().toList();
  }

  /** Uniform from 0 to bound - 1, by rejection. */
  private static int below(int bound, BitStream bits) {
    long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
    long word;
    do {
      word = bits.nextLong() >>> 1;
    } while (word >= limit);
    return (int) (word % bound);
  }
}
