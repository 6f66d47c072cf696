package dev.tributary.wire;

import com.google.protobuf.ByteString;
import java.util.BitSet;

/** A set of roster indices or slots: bit i is bit i mod 8 of byte i / 8; unused bits are zero. */
public final class Bitmap {

  private Bitmap() {}

  /** Bytes of a bitmap over n indices. */
  public static int length(int n) {
    return (n + 7) >>> 3;
  }

  /** The set over n indices, in exactly {@link #length} bytes. */
  public static byte[] encode(BitSet set, int n) {
    if (set.length() > n) {
      throw new IllegalArgumentException("index " + (set.length() - 1) + " is not below " + n);
    }
    byte[] bytes = new byte[length(n)];
    byte[] used = set.toByteArray();
    System.arraycopy(used, 0, bytes, 0, used.length);
    return bytes;
  }

  /** Whether the bytes are a set over n indices: the exact length, and no unused bit. */
  public static boolean isValid(ByteString bytes, int n) {
    int used = n & 7;
    return bytes.size() == length(n)
        && (used == 0 || (bytes.byteAt(bytes.size() - 1) & 0xFF) >>> used == 0);
  }

  /**
   * The set of bytes that {@link #isValid}.
   *
   * @throws IllegalArgumentException if they are not
   */
  public static BitSet decode(ByteString bytes, int n) {
    if (!isValid(bytes, n)) {
      throw new IllegalArgumentException("not a bitmap of " + n + " indices");
    }
    return BitSet.valueOf(bytes.toByteArray());
  }
}
