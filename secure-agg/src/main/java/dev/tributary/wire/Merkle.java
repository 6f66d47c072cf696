package dev.tributary.wire;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The Merkle tree of RFC 6962, section 2.1, over SHA-256: leaf = H(0 | data), node = H(1 | left |
 * right), the left subtree holding the largest power of two below the number of leaves.
 */
public final class Merkle {

  private Merkle() {}

  /**
   * The root over these leaves.
   *
   * @param leaves at least one
   */
  public static byte[] root(List<byte[]> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("a Merkle tree needs a leaf");
    }
    MessageDigest sha = sha256();
    List<byte[]> level = new ArrayList<>(leaves.size());
    for (byte[] leaf : leaves) {
      sha.update((byte) 0);
      level.add(sha.digest(leaf));
    }
    // Pairing neighbours and carrying an odd last node up gives the same tree as the split of RFC
    // 6962 at the largest power of two.
    while (level.size() > 1) {
      List<byte[]> above = new ArrayList<>((level.size() + 1) / 2);
      for (int i = 0; i + 1 < level.size(); i += 2) {
        sha.update((byte) 1);
        sha.update(level.get(i));
        above.add(sha.digest(level.get(i + 1)));
      }
      if (level.size() % 2 == 1) {
        above.add(level.get(level.size() - 1));
      }
      level = above;
    }
    return level.get(0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
