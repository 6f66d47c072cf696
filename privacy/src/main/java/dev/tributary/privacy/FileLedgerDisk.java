package dev.tributary.privacy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A ledger's files in a folder. The ledger file is locked while the object is open. */
final class FileLedgerDisk implements LedgerDisk {
  private final Path file;
  private final FileChannel channel;

  private FileLedgerDisk(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * The files of a ledger, the first of which is made empty if there is none.
   *
   * @throws LedgerConflictException if another process or object holds it
   */
  static FileLedgerDisk open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (!locked(channel)) {
      channel.close();
      throw new LedgerConflictException(
          "the ledger " + file + " is in use by another process or object. Close that first");
    }
    return new FileLedgerDisk(file, channel);
  }

  /** Held until the channel is closed. */
  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  static Path headFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".head");
  }

  private Path freshHead() {
    return file.resolveSibling(file.getFileName() + ".head.new");
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public byte[] read(int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, bytes.position()) < 0) {
        throw new LedgerDamagedException("the ledger " + file + " shrank while it was read");
      }
    }
    return bytes.array();
  }

  @Override
  public void write(long at, byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      channel.write(rest, at + rest.position());
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    channel.truncate(size);
  }

  @Override
  public void force() throws IOException {
    channel.force(true);
  }

  @Override
  public Optional<byte[]> readHead() throws IOException {
    Path head = headFile(file);
    return Files.exists(head) ? Optional.of(Files.readAllBytes(head)) : Optional.empty();
  }

  @Override
  public void writeFreshHead(byte[] bytes) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            freshHead(),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        out.write(rest);
      }
      out.force(true);
    }
  }

  @Override
  public void replaceHead() throws IOException {
    Files.move(
        freshHead(),
        headFile(file),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Has an effect on systems that let a directory be forced. */
  @Override
  public void forceDirectory() {
    Path directory = file.toAbsolutePath().getParent();
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    } catch (IOException e) {
      // Windows opens no directories; its renames are durable without.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
