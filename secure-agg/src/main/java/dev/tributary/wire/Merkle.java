package dev.tributary.wire;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Merkle tree of RFC 6962, section 2.1, over SHA-256: leaf = H(0 | data), node = H(1 | left |
 * right), the left subtree holding the largest power of two below the number of leaves.
 */
public final class Merkle {

  /** Bytes of a node. */
  public static final int HASH = 32;

  private final List<List<byte[]>> levels = new ArrayList<>();

  /**
   * The tree over these leaves.
   *
   * @param leaves at least one
   */
  public Merkle(List<byte[]> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("a Merkle tree needs a leaf");
    }
    MessageDigest sha = sha256();
    List<byte[]> level = leaves.stream().map(leaf -> leaf(sha, leaf)).toList();
    levels.add(level);
    // Pairing neighbours and carrying an odd last node up gives the same tree as the split of RFC
    // 6962 at the largest power of two.
    while (level.size() > 1) {
      List<byte[]> above = new ArrayList<>((level.size() + 1) / 2);
      for (int i = 0; i + 1 < level.size(); i += 2) {
        above.add(node(sha, level.get(i), level.get(i + 1)));
      }
      if (level.size() % 2 == 1) {
        above.add(level.get(level.size() - 1));
      }
      levels.add(above);
      level = above;
    }
  }

  /** The root over these leaves, of which there is at least one. */
  public static byte[] root(List<byte[]> leaves) {
    return new Merkle(leaves).root();
  }

  /** The root, a copy. */
  public byte[] root() {
    return levels.get(levels.size() - 1).get(0).clone();
  }

  /** The audit path of a leaf (RFC 6962, section 2.1.1): siblings of 32 bytes, the lowest first. */
  public byte[] path(int index) {
    byte[] path = new byte[HASH * levels.size()];
    int length = 0;
    int at = index;
    for (List<byte[]> level : levels) {
      int sibling = at ^ 1;
      if (sibling < level.size()) {
        System.arraycopy(level.get(sibling), 0, path, length, HASH);
        length += HASH;
      }
      at >>= 1;
    }
    return Arrays.copyOf(path, length);
  }

  /**
   * The root that a leaf and its audit path give.
   *
   * @param leaf what the leaf says
   * @param index of the leaf, 0 to size - 1
   * @param size leaves of the tree
   * @return null if the path has another length than that of this leaf
   */
  public static byte @Nullable [] rootOf(byte[] leaf, int index, int size, byte[] path) {
    MessageDigest sha = sha256();
    byte[] hash = leaf(sha, leaf);
    int from = 0;
    int at = index;
    for (int width = size; width > 1; width = (width + 1) / 2) {
      int sibling = at ^ 1;
      if (sibling < width) {
        if (from + HASH > path.length) {
          return null;
        }
        sha.update((byte) 1);
        if (sibling > at) {
          sha.update(hash);
          sha.update(path, from, HASH);
        } else {
          sha.update(path, from, HASH);
          sha.update(hash);
        }
        hash = sha.digest();
        from += HASH;
      }
      at >>= 1;
    }
    return from == path.length ? hash : null;
  }

  private static byte[] leaf(MessageDigest sha, byte[] data) {
    sha.update((byte) 0);
    return sha.digest(data);
  }

  private static byte[] node(MessageDigest sha, byte[] left, byte[] right) {
    sha.update((byte) 1);
    sha.update(left);
    return sha.digest(right);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
