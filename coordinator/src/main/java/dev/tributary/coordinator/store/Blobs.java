package dev.tributary.coordinator.store;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files named by the SHA-256 of their bytes. A file appears whole or not at all (temporary file,
 * fsync, rename, fsync of the folder), never changes, and is checked against its name on reading.
 */
public final class Blobs {
  private static final Logger LOG = LoggerFactory.getLogger(Blobs.class);
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private static final String TEMPORARY = "new-";

  /** Fills a file that is there and empty; tests have disks that fail. */
  @FunctionalInterface
  interface Disk {
    void write(Path file, byte[] bytes, Durability durability) throws IOException;
  }

  private final Path directory;
  private final Durability durability;
  private final Disk disk;

  Blobs(Path directory, Durability durability, Disk disk) {
    this.directory = directory;
    this.durability = durability;
    this.disk = disk;
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
      Path temporary = Files.createTempFile(folder, TEMPORARY, ".tmp");
      try {
        disk.write(temporary, bytes, durability);
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

  /** Removes a blob; one that cannot be removed now is removed at the next start. */
  void remove(String digest) {
    try {
      Files.deleteIfExists(file(digest));
    } catch (IOException e) {
      LOG.warn("An old blob stays until the next start: {}", e.toString());
    }
  }

  /**
   * Removes every blob but these, and what a crash left half written. Other files are left alone.
   */
  void removeAllBut(Set<String> kept) {
    try (Stream<Path> files = Files.walk(directory, 2)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = String.valueOf(file.getFileName());
        String digest = directory.relativize(file).getName(0) + name;
        if (name.startsWith(TEMPORARY)
            || (DIGEST.matcher(digest).matches() && !kept.contains(digest))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("Old blobs stay until the next start: {}", e.toString());
    }
  }

  /** Writes to the real disk. */
  static void write(Path file, byte[] bytes, Durability durability) throws IOException {
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
