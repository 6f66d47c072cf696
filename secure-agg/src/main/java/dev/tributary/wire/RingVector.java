package dev.tributary.wire;

import java.util.Objects;

/**
 * A vector over Z_{2^w}, read in blocks so that it need not stand in memory. Elements are the low w
 * bits of an {@code int}; with w = 32 the int is the element.
 */
public interface RingVector {

  /** The widest ring. */
  int MAXIMUM_BITS = 32;

  /** Number of elements. */
  int length();

  /** Ring bits w, 1 to {@value #MAXIMUM_BITS}. */
  int bits();

  /**
   * Copies elements [from, from + count) to {@code into[0, count)}.
   *
   * @throws IndexOutOfBoundsException if the range is not in the vector
   */
  void read(int from, int[] into, int count);

  /** The low w bits of a ring of {@code bits} bits, as a mask. */
  static int mask(int bits) {
    if (bits < 1 || bits > MAXIMUM_BITS) {
      throw new IllegalArgumentException("ring bits must be 1 to 32. Provided: " + bits);
    }
    return -1 >>> (32 - bits);
  }

  /**
   * A vector over these values, which nobody changes any more.
   *
   * @param values Z_2^w[length]; bits above w are dropped on reading
   */
  static RingVector of(int bits, int[] values) {
    int mask = mask(bits);
    return new RingVector() {
      @Override
      public int length() {
        return values.length;
      }

      @Override
      public int bits() {
        return bits;
      }

      @Override
      public void read(int from, int[] into, int count) {
        Objects.checkFromIndexSize(from, count, values.length);
        for (int i = 0; i < count; i++) {
          into[i] = values[from + i] & mask;
        }
      }

      @Override
      public String toString() {
        return "RingVector[length=" + values.length + ", bits=" + bits + "]";
      }
    };
  }
}
