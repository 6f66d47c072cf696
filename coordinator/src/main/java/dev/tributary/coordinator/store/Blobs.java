package dev.tributary.coordinator.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
   * A blob that is still to be written.
   *
   * @param room where its writes wait
   * @throws StoreException if there can be none
   */
  Draft draft(RoomWait room);

  /** Keeps the bytes of a sealed draft and returns their digest. */
  String put(Draft draft);

  /**
   * The bytes of that digest.
   *
   * @throws StoreException if they are missing or have another digest
   */
  byte[] read(String digest);

  /** A file of this machine with the bytes of that digest, if the store has them. */
  Path file(String digest);

  /**
   * The same, once its bytes have been checked.
   *
   * @throws StoreException if they are missing or have another digest
   */
  default Path checked(String digest) {
    Path file = file(digest);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (!digest(channel).equals(digest)) {
        throw damaged(digest, "has other bytes than its name says");
      }
      return file;
    } catch (NoSuchFileException e) {
      throw damaged(digest, "is missing");
    } catch (IOException e) {
      throw StoreException.of("Reading blob " + digest, e);
    }
  }

  /** Removes what this machine has of a blob that others keep, if that is something of its own. */
  default void forget(String digest) {}

  /** Removes a blob; one that cannot be removed now is removed at the next start. */
  void remove(String digest);

  /** Removes every blob but these. */
  void removeAllBut(Set<String> kept);

  /** The name of these bytes. */
  static String digest(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  /** The name of the bytes of a file, which are read in blocks. */
  static String digest(FileChannel channel) throws IOException {
    MessageDigest sha = sha256();
    ByteBuffer block = ByteBuffer.allocate((int) Math.min(1 << 18, channel.size() + 1));
    for (long at = 0; ; ) {
      int read = channel.read(block.clear(), at);
      if (read < 0) {
        return HexFormat.of().formatHex(sha.digest());
      }
      sha.update(block.flip());
      at += read;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
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
