package dev.tributary.privacy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in a file, one entry a line, with its head in a second file beside it. For one process:
 * the file is locked while the object is open.
 *
 * <p>An entry is forced to disk, then the head, and only then {@link #append} returns. So a line
 * without its end, after the entry that the head names, was never acknowledged, and is cut off;
 * whatever else does not fit is damage. The head file catches a ledger that was cut short or
 * swapped for an older one; both files together swapped for older ones it cannot catch, and whoever
 * holds a {@link LedgerHead} elsewhere can.
 */
public final class FileLedgerStorage implements LedgerStorage, AutoCloseable {
  private static final long MOST_BYTES = 1L << 28;

  private final Path file;
  private final Path headFile;
  private final FileChannel channel;
  private final List<LedgerEntry> entries;

  private FileLedgerStorage(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.headFile = headFile(file);
    this.channel = channel;
    this.entries = read();
  }

  /**
   * Opens a ledger file, which is made empty if there is none.
   *
   * @throws LedgerConflictException if another process or object holds it
   * @throws LedgerDamagedException if its lines cannot be read
   * @throws UncheckedIOException if the disk fails
   */
  public static FileLedgerStorage open(Path file) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      lock(file, channel);
      return new FileLedgerStorage(file, channel);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new UncheckedIOException("cannot open the ledger " + file, e);
    } catch (RuntimeException e) {
      closeQuietly(channel, e);
      throw e;
    }
  }

  /** Held until the channel is closed. */
  private static void lock(Path file, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new LedgerConflictException(
          "the ledger " + file + " is in use by another process or object. Close that first");
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel, Exception cause) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static Path headFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".head");
  }

  private List<LedgerEntry> read() throws IOException {
    long size = channel.size();
    if (size > MOST_BYTES) {
      throw new LedgerDamagedException("the ledger " + file + " is larger than any: " + size);
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, bytes.position()) < 0) {
        throw new LedgerDamagedException("the ledger " + file + " shrank while it was read");
      }
    }
    int whole = endOfLastLine(bytes.array());
    List<LedgerEntry> lines = new ArrayList<>();
    if (whole > 0) {
      String text = decode(bytes.array(), whole);
      for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
        lines.add(parse(line, lines.size()));
      }
    }
    if (whole < size) {
      LedgerChain.requireHolds(lines, readHead(), "the file " + headFile);
      channel.truncate(whole);
      channel.force(true);
    }
    return lines;
  }

  private static int endOfLastLine(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private String decode(byte[] bytes, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new LedgerDamagedException("the ledger " + file + " is not text", e);
    }
  }

  private LedgerEntry parse(String line, int number) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 4 || !fields[0].equals(Integer.toString(number))) {
      throw new LedgerDamagedException(
          "the ledger " + file + " cannot be read at line " + (number + 1));
    }
    return new LedgerEntry(number, fields[1], fields[3], fields[2]);
  }

  private static String line(LedgerEntry entry) {
    return entry.index()
        + "\t"
        + entry.previous()
        + "\t"
        + entry.hash()
        + "\t"
        + entry.content()
        + "\n";
  }

  @Override
  public synchronized List<LedgerEntry> load() {
    return List.copyOf(entries);
  }

  @Override
  public synchronized List<LedgerEntry> loadFrom(long index) {
    int from = (int) Math.min(Math.max(0, index), entries.size());
    return List.copyOf(entries.subList(from, entries.size()));
  }

  @Override
  public synchronized void append(LedgerEntry entry) {
    if (entry.index() != entries.size()) {
      throw new LedgerConflictException(
          "ledger entry " + entry.index() + " is not the next one, which is " + entries.size());
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line(entry).getBytes(StandardCharsets.UTF_8));
      long at = channel.size();
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      channel.force(true);
      writeHead(entry.head());
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new UncheckedIOException(
          "cannot write the ledger " + file + ". Free disk space, then open it again", e);
    }
    entries.add(entry);
  }

  private void writeHead(LedgerHead head) throws IOException {
    Path fresh = headFile.resolveSibling(headFile.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      String text = head.index() + "\t" + head.hash() + "\n";
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(
        fresh, headFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    forceDirectory();
  }

  /** Makes the rename itself durable, on systems that let a directory be forced. */
  private void forceDirectory() {
    Path directory = headFile.toAbsolutePath().getParent();
    try (FileChannel open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    } catch (IOException e) {
      // Windows opens no directories; its renames are durable without.
      return;
    }
  }

  /**
   * The head file's entry; empty if there is none.
   *
   * @throws LedgerDamagedException if it is gone although there are two entries or more, or cannot
   *     be read
   */
  @Override
  public synchronized Optional<LedgerHead> head() {
    try {
      Optional<LedgerHead> head = readHead();
      if (head.isEmpty() && entries.size() > 1) {
        throw new LedgerDamagedException(
            "the file " + headFile + " is gone. Restore it together with the ledger");
      }
      return head;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + headFile, e);
    }
  }

  private Optional<LedgerHead> readHead() throws IOException {
    if (!Files.exists(headFile)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(headFile);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!text.matches("(0|[1-9][0-9]{0,9})\t[0-9a-f]{64}\n")) {
      throw new LedgerDamagedException("the file " + headFile + " cannot be read");
    }
    int tab = text.indexOf('\t');
    return Optional.of(
        new LedgerHead(
            Long.parseLong(text.substring(0, tab)), text.substring(tab + 1, text.length() - 1)));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the ledger " + file, e);
    }
  }
}
