package dev.tributary.secagg.server;

import dev.tributary.wire.RingVector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Adds packed elements of Z_{2^w} as they lie, 64 bits at a time. The top bit of each element is
 * added without carry (Warren, Hacker's Delight, 2nd ed., section 2-18), so nothing runs over into
 * the next element; one that lies in two words takes the carry of its lower part along, which ends
 * at its top bit and never reaches a third word, since each word has a top bit for any w up to 32.
 * So no word waits for the one before it, and C2 makes vector code of the loops. Not safe for
 * several threads.
 */
final class PackedAddition {
  /** Periods of w words, after which elements begin at a word again, that are added at a time. */
  private static final int PERIODS = 16;

  private final LongBuffer words;
  private final LongBuffer added;

  /** The top bits of the elements in each word, and bit 63. */
  private final long[] tops;

  /** 1 where the last element of a word goes on in the next. */
  private final long[] goesOn;

  /** What a word hands up to the next. */
  private final long[] carries;

  private final long[] a;
  private final long[] b;

  /**
   * For elements of so many bits.
   *
   * @param sum what is added to, in a number of bytes that 8 divides
   * @param next what is added, as many bytes
   */
  PackedAddition(int bits, byte[] sum, byte[] next) {
    RingVector.mask(bits);
    words = ByteBuffer.wrap(sum).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    added = ByteBuffer.wrap(next).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    int tile = PERIODS * bits;
    tops = new long[tile];
    goesOn = new long[tile];
    carries = new long[tile + 1];
    a = new long[tile];
    b = new long[tile];
    for (int bit = bits - 1; bit < tile * Long.SIZE; bit += bits) {
      tops[bit / Long.SIZE] |= 1L << bit;
    }
    for (int i = 0; i < tile; i++) {
      goesOn[i] = tops[i] < 0 ? 0 : 1;
      tops[i] |= Long.MIN_VALUE;
    }
  }

  /** The least multiple of 8 that is so many bytes or more. */
  static int roundedUp(int bytes) {
    return Math.addExact(bytes, Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /**
   * {@code sum += next}, element by element, modulo 2^w.
   *
   * @param bytes of elements, from the first byte of both
   */
  void add(int bytes) {
    int count = roundedUp(bytes) / Long.BYTES;
    for (int from = 0; from < count; from += a.length) {
      int part = Math.min(a.length, count - from);
      words.get(from, a, 0, part);
      added.get(from, b, 0, part);
      withoutTops(part);
      finish(part);
      words.put(from, a, 0, part);
    }
  }

  /** Leaves the sums without top bits in a, and those of the top bits in b. */
  private void withoutTops(int count) {
    for (int i = 0; i < count; i++) {
      long low = (a[i] & ~tops[i]) + (b[i] & ~tops[i]);
      carries[i + 1] = (((a[i] & b[i]) | ((a[i] | b[i]) & low)) >>> 63) & goesOn[i];
      b[i] = (a[i] ^ b[i]) & tops[i];
      a[i] = low;
    }
  }

  private void finish(int count) {
    for (int i = 0; i < count; i++) {
      a[i] = (a[i] + carries[i]) ^ b[i];
    }
  }
}
