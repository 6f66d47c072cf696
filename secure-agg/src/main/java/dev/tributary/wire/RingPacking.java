package dev.tributary.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Elements of Z_{2^w}, bit-packed: element i takes bits [i w, (i + 1) w) of a little-endian bit
 * stream (bit k of the stream is bit k mod 8 of byte k / 8). The padding bits of the last byte are
 * zero. Eight elements fill w whole bytes, so any multiple of eight elements starts at a byte.
 */
public final class RingPacking {

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private RingPacking() {}

  /** Bytes of {@code length} packed elements. */
  public static long packedLength(int length, int bits) {
    if (length < 0) {
      throw new IllegalArgumentException("length must be >= 0. Provided: " + length);
    }
    RingVector.mask(bits);
    return ((long) length * bits + 7) >>> 3;
  }

  /**
   * Packs {@code count} elements into bytes from {@code offset} on; the low w bits of each count.
   *
   * @return bytes written
   */
  public static int pack(int[] elements, int from, int count, int bits, byte[] into, int offset) {
    Objects.checkFromIndexSize(from, count, elements.length);
    int bytes = Math.toIntExact(packedLength(count, bits));
    Objects.checkFromIndexSize(offset, bytes, into.length);
    long mask = RingVector.mask(bits) & 0xFFFFFFFFL;
    long word = 0;
    int used = 0;
    int at = offset;
    for (int i = from; i < from + count; i++) {
      long element = elements[i] & mask;
      word |= element << used;
      used += bits;
      if (used >= Long.SIZE) {
        WORD.set(into, at, word);
        at += Long.BYTES;
        used -= Long.SIZE;
        word = element >>> (bits - used);
      }
    }
    for (; used > 0; used -= Byte.SIZE) {
      into[at++] = (byte) word;
      word >>>= Byte.SIZE;
    }
    return bytes;
  }

  /** Reads {@code count} packed elements that start at byte {@code offset}. */
  public static void unpack(byte[] packed, int offset, int[] into, int from, int count, int bits) {
    Objects.checkFromIndexSize(from, count, into.length);
    int bytes = Math.toIntExact(packedLength(count, bits));
    Objects.checkFromIndexSize(offset, bytes, packed.length);
    int mask = RingVector.mask(bits);
    // An element begins within a byte and has at most 32 bits, so one word of 64 holds it whole.
    int words =
        bytes < Long.BYTES
            ? 0
            : (int) Math.min(count, (bytes - Long.BYTES) * (long) Byte.SIZE / bits + 1);
    for (int i = 0; i < words; i++) {
      long bit = (long) i * bits;
      int at = offset + (int) (bit >>> 3);
      into[from + i] = (int) ((long) WORD.get(packed, at) >>> (bit & 7)) & mask;
    }
    for (int i = words; i < count; i++) {
      long bit = (long) i * bits;
      long word = 0;
      for (int at = (int) (bit >>> 3), shift = 0; shift < bits + 7 && at < bytes; shift += 8) {
        word |= (packed[offset + at++] & 0xFFL) << shift;
      }
      into[from + i] = (int) (word >>> (bit & 7)) & mask;
    }
  }

  /** True if the bits of the last byte that no element takes are zero. */
  public static boolean paddingIsZero(byte lastByte, int length, int bits) {
    int used = (int) (((long) length * bits) & 7);
    return used == 0 || (lastByte & 0xFF) >>> used == 0;
  }

  /** The whole vector, packed. */
  public static byte[] pack(RingVector vector) {
    int bits = vector.bits();
    byte[] packed = new byte[Math.toIntExact(packedLength(vector.length(), bits))];
    int[] block = new int[Math.min(vector.length(), BLOCK)];
    for (int from = 0; from < vector.length(); from += BLOCK) {
      int count = Math.min(BLOCK, vector.length() - from);
      vector.read(from, block, count);
      pack(block, 0, count, bits, packed, Math.toIntExact(packedLength(from, bits)));
    }
    return packed;
  }

  /** Elements that are packed at a time; a multiple of eight. */
  private static final int BLOCK = 8192;
}
