package dev.tributary.secagg.graph;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.SecretStream;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Whom a member chooses to mask with and to hold its shares (section 5). */
public final class Choices {

  private Choices() {}

  /**
   * k of the others of n, uniform and without replacement: numbers below n - 1 from the key stream,
   * those from the own index on raised by one, one that was drawn before passed over.
   *
   * @param key 32 bytes of the member's own randomness
   * @return ascending
   */
  public static int[] draw(int n, int own, int degree, byte[] key) {
    if (degree < 1 || degree >= n) {
      throw new IllegalArgumentException(
          "a choice among " + n + " is of 1 to " + (n - 1) + ". Provided: " + degree);
    }
    SecretStream stream = new SecretStream(key);
    BitSet drawn = new BitSet();
    for (int left = degree; left > 0; ) {
      int other = stream.nextBelow(n - 1);
      other += other >= own ? 1 : 0;
      if (!drawn.get(other)) {
        drawn.set(other);
        left--;
      }
    }
    stream.wipe();
    return drawn.stream().toArray();
  }

  /** Four bytes each, big-endian. */
  public static ByteString encode(int[] ascending) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * ascending.length);
    for (int index : ascending) {
      bytes.putInt(index);
    }
    return ByteString.copyFrom(bytes.array());
  }

  /** The choice of a member, or null if it is not k others of n in ascending order. */
  public static int @Nullable [] decode(ByteString bytes, int n, int own, int degree) {
    if (bytes.size() != Integer.BYTES * degree) {
      return null;
    }
    int[] chosen = new int[degree];
    ByteBuffer from = bytes.asReadOnlyByteBuffer();
    int before = -1;
    for (int i = 0; i < degree; i++) {
      int index = from.getInt();
      if (index <= before || index >= n || index == own) {
        return null;
      }
      chosen[i] = index;
      before = index;
    }
    return chosen;
  }
}
