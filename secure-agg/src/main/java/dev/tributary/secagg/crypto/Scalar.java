package dev.tributary.secagg.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * An integer modulo L = 2^252 + c, c = 27742317777372353535851937790883648493, the order of the
 * base point of Ed25519. Immutable. Variable time: for public data only.
 *
 * <p>Nine limbs of 28 bits hold 252 bits, so that low + 2^252 high is congruent to low - c high,
 * limb by limb. Three such folds bring 512 bits into (-2^131, 2^252 + 2^131). Limbs are signed
 * during a reduction; at most ten products of 28 bits meet in one limb, so it stays below 2^60.
 */
final class Scalar {
  static final int BYTES = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BITS = 28;
  private static final long MASK = (1L << BITS) - 1;

  /** The limb of 2^252. */
  private static final int TOP = 9;

  /** The words of L, lowest first; and c in limbs. */
  private static final long[] L = {
    0x5812631a5cf5d3edL, 0x14def9dea2f79cd6L, 0, 0x1000000000000000L
  };

  private static final long[] C = limbs(new long[] {L[0], L[1]}, 5);

  static final Scalar ZERO = new Scalar(new long[TOP + 1]);

  /** Ten limbs, each in [0, 2^28), together in [0, L). */
  private final long[] limbs;

  private Scalar(long[] limbs) {
    this.limbs = limbs;
  }

  /** Whether 32 little-endian bytes hold a number below L (RFC 8032, section 5.1.7, step 1). */
  static boolean isReduced(byte[] bytes, int offset) {
    for (int i = 3; i >= 0; i--) {
      int order = Long.compareUnsigned((long) LONGS.get(bytes, offset + 8 * i), L[i]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  /** The residue of a little-endian number of 16, 32 or 64 bytes. */
  static Scalar ofBytes(byte[] bytes, int offset, int length) {
    long[] words = new long[length / 8];
    for (int i = 0; i < words.length; i++) {
      words[i] = (long) LONGS.get(bytes, offset + 8 * i);
    }
    return reduce(limbs(words, 2 * TOP + 1));
  }

  /** The 32 little-endian bytes of the number in [0, L). */
  byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    long[] words = words();
    for (int i = 0; i < 4; i++) {
      LONGS.set(bytes, 8 * i, words[i]);
    }
    return bytes;
  }

  private static long[] limbs(long[] words, int count) {
    long[] limbs = new long[count];
    for (int i = 0; i < count; i++) {
      int word = (BITS * i) >> 6;
      int bit = (BITS * i) & 63;
      if (word < words.length) {
        limbs[i] = words[word] >>> bit;
        if (bit > 64 - BITS && word + 1 < words.length) {
          limbs[i] |= words[word + 1] << (64 - bit);
        }
        limbs[i] &= MASK;
      }
    }
    return limbs;
  }

  Scalar plus(Scalar other) {
    long[] sum = new long[TOP + 1];
    for (int i = 0; i <= TOP; i++) {
      sum[i] = limbs[i] + other.limbs[i];
    }
    return reduce(sum);
  }

  Scalar times(Scalar other) {
    long[] product = new long[2 * TOP + 2];
    for (int i = 0; i <= TOP; i++) {
      for (int j = 0; j <= TOP; j++) {
        product[i + j] += limbs[i] * other.limbs[j];
      }
    }
    return reduce(product);
  }

  /** The residue of a number in limbs below 2^60, at most 2^512; x is overwritten. */
  private static Scalar reduce(long[] x) {
    carry(x);
    for (int folds = 0; folds < 3; folds++) {
      long[] high = new long[x.length - TOP];
      for (int i = 0; i < high.length; i++) {
        high[i] = x[TOP + i];
        x[TOP + i] = 0;
      }
      for (int i = 0; i < high.length; i++) {
        long factor = high[i];
        if (factor != 0) {
          x[i] -= factor * C[0];
          x[i + 1] -= factor * C[1];
          x[i + 2] -= factor * C[2];
          x[i + 3] -= factor * C[3];
          x[i + 4] -= factor * C[4];
        }
      }
      carry(x);
    }
    // The limb of 2^252 is now -1, 0 or 1; if -1, it has the limbs above it for a sign.
    x[TOP] = x[TOP] << (64 - BITS) >> (64 - BITS);
    long[] limbs = plusOrders(x, x[TOP] < 0 ? 1 : 0);
    long[] less = plusOrders(limbs, -1);
    return new Scalar(less[TOP] < 0 ? limbs : less);
  }

  /** The lowest ten limbs, and a multiple of L added to them. */
  private static long[] plusOrders(long[] x, int multiple) {
    long[] sum = new long[TOP + 1];
    for (int i = 0; i <= TOP; i++) {
      sum[i] = x[i] + (i < C.length ? multiple * C[i] : 0);
    }
    sum[TOP] += multiple;
    carry(sum);
    return sum;
  }

  /** Brings all limbs but the last into [0, 2^28). */
  private static void carry(long[] x) {
    for (int i = 0; i < x.length - 1; i++) {
      x[i + 1] += x[i] >> BITS;
      x[i] &= MASK;
    }
  }

  /** Takes the digits of a non-adjacent form, from the lowest on. */
  interface Digits {
    /** The digit of 2^position: odd, of absolute value below 2^(width-1). */
    void digit(int position, int digit);
  }

  /**
   * Gives out the digits other than 0 of the non-adjacent form of width 2 to 8: those of the
   * representation in which among any {@code width} neighbours at most one is not 0. The positions
   * are below 254.
   */
  void nonAdjacentForm(int width, Digits digits) {
    long[] words = words();
    int carry = 0;
    int position = 0;
    while (position < 256) {
      // With a carry, ones turn into zeros up to the first zero, which becomes one.
      long word = words[position >> 6] ^ -carry;
      long rest = word >>> (position & 63);
      if (rest == 0) {
        position = (position | 63) + 1;
        continue;
      }
      position += Long.numberOfTrailingZeros(rest);
      int digit = window(words, position, width) + carry;
      carry = digit >> (width - 1);
      digits.digit(position, digit - (carry << width));
      position += width;
    }
  }

  private static int window(long[] words, int position, int width) {
    int bit = position & 63;
    long window = words[position >> 6] >>> bit;
    if (bit > 64 - width) {
      window |= words[(position >> 6) + 1] << (64 - bit);
    }
    return (int) window & ((1 << width) - 1);
  }

  /** The value in words, lowest first, and a zero. */
  private long[] words() {
    long[] words = new long[5];
    for (int i = 0; i <= TOP; i++) {
      int word = (BITS * i) >> 6;
      int bit = (BITS * i) & 63;
      words[word] |= limbs[i] << bit;
      if (bit > 64 - BITS) {
        words[word + 1] |= limbs[i] >>> (64 - bit);
      }
    }
    return words;
  }
}
