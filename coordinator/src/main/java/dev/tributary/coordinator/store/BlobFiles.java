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
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files named by their digests. A file appears whole or not at all (temporary file, fsync,
 * rename, fsync of the folder), never changes, and is checked against its name on reading.
 */
final class BlobFiles implements Blobs {
  private static final Logger LOG = LoggerFactory.getLogger(BlobFiles.class);
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

  BlobFiles(Path directory, Durability durability, Disk disk) {
    this.directory = directory;
    this.durability = durability;
    this.disk = disk;
  }

  @Override
  public String put(byte[] bytes) {
    String digest = Blobs.digest(bytes);
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

  @Override
  public Draft draft(RoomWait room) {
    try {
      return new Draft(Files.createTempFile(directory, TEMPORARY, ".tmp"), durability, room);
    } catch (IOException e) {
      throw StoreException.of("Making a file for a blob", e);
    }
  }

  @Override
  public String put(Draft draft) {
    String digest = draft.digest();
    Path file = file(digest);
    try {
      if (!Files.exists(file)) {
        Path folder = Files.createDirectories(directory.resolve(digest.substring(0, 2)));
        Files.move(draft.file(), file, StandardCopyOption.ATOMIC_MOVE);
        sync(folder);
        sync(directory);
      }
      return digest;
    } catch (IOException e) {
      throw StoreException.of("Keeping a blob of " + draft.length() + " bytes", e);
    }
  }

  @Override
  public byte[] read(String digest) {
    try {
      byte[] bytes = Files.readAllBytes(file(digest));
      if (!Blobs.digest(bytes).equals(digest)) {
        throw Blobs.damaged(digest, "has other bytes than its name says");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw Blobs.damaged(digest, "is missing");
    } catch (IOException e) {
      throw StoreException.of("Reading blob " + digest, e);
    }
  }

  @Override
  public Path file(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException("a digest has 64 hexadecimal digits, not: " + digest);
    }
    return directory.resolve(digest.substring(0, 2)).resolve(digest.substring(2));
  }

  @Override
  public void remove(String digest) {
    try {
      Files.deleteIfExists(file(digest));
    } catch (IOException e) {
      LOG.warn("An old blob stays until the next start: {}", e.toString());
    }
  }

  /** Also removes what a crash left half written. Other files are left alone. */
  @Override
  public void removeAllBut(Set<String> kept) {
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
}
