package dev.tributary.coordinator.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Files named by the SHA-256 of their bytes. A file appears whole or not at all (temporary file,
 * fsync, rename, fsync of the folder), never changes, and is checked against its name on reading.
 */
public final class Blobs {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Path directory;
  private final Durability durability;

  Blobs(Path directory, Durability durability) {
    this.directory = directory;
    this.durability = durability;
  }

  /** Keeps the bytes and returns their SHA-256 in hexadecimal. Writing them again is harmless. */
  public String put(byte[] bytes) {
    String digest = digest(bytes);
    Path file = file(digest);
    if (Files.exists(file)) {
      return digest;
    }
    try {
      Path folder = directory.resolve(digest.substring(0, 2));
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "new-", ".tmp");
      try {
        write(temporary, bytes);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      sync(folder);
      sync(directory);
      return digest;
    } catch (IOException e) {
      throw StoreException.of("Writing a blob of " + bytes.length + " bytes", e);
    }
  }

  /**
   * The bytes of that digest.
   *
   * @throws StoreException if the file is missing or its bytes have another digest
   */
  public byte[] read(String digest) {
    try {
      byte[] bytes = Files.readAllBytes(file(digest));
      if (!digest(bytes).equals(digest)) {
        throw damaged(digest, "has other bytes than its name says");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw damaged(digest, "is missing");
    } catch (IOException e) {
      throw StoreException.of("Reading blob " + digest, e);
    }
  }

  /** Where the bytes of that digest lie, or would lie. */
  public Path file(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException("a digest has 64 hexadecimal digits, not: " + digest);
    }
    return directory.resolve(digest.substring(0, 2)).resolve(digest.substring(2));
  }

  private void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      if (durability == Durability.DISK) {
        channel.force(true);
      }
    }
  }

  /** Makes the new name durable; file systems that cannot sync a folder do it by themselves. */
  private void sync(Path folder) throws IOException {
    if (durability == Durability.DISK && !System.getProperty("os.name", "").startsWith("Windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static StoreException damaged(String digest, String what) {
    return new StoreException(
        StoreException.DAMAGED,
        "Blob " + digest + " " + what + ". Restore the store's folder from a backup.",
        null);
  }

  static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
