package dev.tributary.secagg.crypto;

/**
 * GF(p), p = 2^61 - 1. Elements are longs in [0, p). No table and no branch on a value, so that
 * timing says nothing of a secret limb.
 */
final class Field {

  /** The modulus, a Mersenne prime. */
  static final long P = (1L << 61) - 1;

  private Field() {}

  static long add(long a, long b) {
    return reduceOnce(a + b);
  }

  static long subtract(long a, long b) {
    return reduceOnce(a + P - b);
  }

  static long multiply(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    // a b = high 2^64 + low = (high 2^3 + low >>> 61) 2^61 + (low mod 2^61), and 2^61 = 1 mod p.
    return reduceOnce((low & P) + ((high << 3) | (low >>> 61)));
  }

  /** a^(p-2). The exponent is public. */
  static long invert(long a) {
    long result = 1;
    long square = a;
    for (long exponent = P - 2; exponent > 0; exponent >>= 1) {
      if ((exponent & 1) == 1) {
        result = multiply(result, square);
      }
      square = multiply(square, square);
    }
    return result;
  }

  /** From [0, 2p) to [0, p). */
  private static long reduceOnce(long a) {
    long less = a - P;
    return less + (P & (less >> 63));
  }
}
