package dev.tributary.coordinator.store;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * Models and states by the SHA-256 of their bytes: a blob is there whole or not at all, never
 * changes, and is checked against its name on reading.
 */
public interface Blobs {

  /** Keeps the bytes and returns their SHA-256 in hexadecimal. Writing them again is harmless. */
  String put(byte[] bytes);

  /**
   * The bytes of that digest.
   *
   * @throws StoreException if they are missing or have another digest
   */
  byte[] read(String digest);

  /** A file of this machine with the bytes of that digest, if the store has them. */
  Path file(String digest);

  /** Removes a blob; one that cannot be removed now is removed at the next start. */
  void remove(String digest);

  /** Removes every blob but these. */
  void removeAllBut(Set<String> kept);

  /** The name of these bytes. */
  static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** What is thrown for a blob that is not what its name says. */
  static StoreException damaged(String digest, String what) {
    return new StoreException(
        StoreException.DAMAGED,
        "Blob " + digest + " " + what + ". Restore the store from a backup.",
        null);
  }
}
