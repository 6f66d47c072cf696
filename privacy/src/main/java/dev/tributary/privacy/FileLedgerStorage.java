package dev.tributary.privacy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
  private final LedgerDisk disk;

  /** How many entries there are. They stay on disk: a ledger that is open keeps what they mean. */
  private long entries;

  private FileLedgerStorage(Path file, LedgerDisk disk) throws IOException {
    this.file = file;
    this.disk = disk;
    this.entries = cutToWhole().size();
  }

  /**
   * Opens a ledger file, which is made empty if there is none.
   *
   * @throws LedgerConflictException if another process or object holds it
   * @throws LedgerDamagedException if its lines cannot be read
   * @throws UncheckedIOException if the disk fails
   */
  public static FileLedgerStorage open(Path file) {
    try {
      return open(file, FileLedgerDisk.open(file));
    } catch (IOException e) {
      throw unopened(file, e);
    }
  }

  /** The ledger on a disk, which is closed if it cannot be read. */
  static FileLedgerStorage open(Path file, LedgerDisk disk) {
    try {
      return new FileLedgerStorage(file, disk);
    } catch (IOException e) {
      closeQuietly(disk, e);
      throw unopened(file, e);
    } catch (RuntimeException e) {
      closeQuietly(disk, e);
      throw e;
    }
  }

  private static UncheckedIOException unopened(Path file, IOException cause) {
    return new UncheckedIOException("cannot open the ledger " + file, cause);
  }

  private static void closeQuietly(LedgerDisk disk, Exception cause) {
    try {
      disk.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Cuts off the line that a crash left without its end. */
  private List<LedgerEntry> cutToWhole() throws IOException {
    byte[] bytes = bytes();
    int whole = endOfLastLine(bytes);
    List<LedgerEntry> lines = lines(bytes, whole);
    if (whole < bytes.length) {
      LedgerChain.requireHolds(lines, readHead(), "the file " + headFile());
      disk.truncate(whole);
      disk.force();
    }
    return lines;
  }

  private byte[] bytes() throws IOException {
    long size = disk.size();
    if (size > MOST_BYTES) {
      throw new LedgerDamagedException("the ledger " + file + " is larger than any: " + size);
    }
    return disk.read((int) size);
  }

  private List<LedgerEntry> lines(byte[] bytes, int whole) {
    List<LedgerEntry> lines = new ArrayList<>();
    if (whole > 0) {
      String text = decode(bytes, whole);
      for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
        lines.add(parse(line, lines.size()));
      }
    }
    return lines;
  }

  private Path headFile() {
    return FileLedgerDisk.headFile(file);
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

  /** Reads the file. */
  @Override
  public synchronized List<LedgerEntry> load() {
    try {
      byte[] bytes = bytes();
      List<LedgerEntry> lines = lines(bytes, endOfLastLine(bytes));
      if (lines.size() < entries) {
        throw new LedgerDamagedException(
            "the ledger " + file + " had " + entries + " entries and has " + lines.size());
      }
      // What lies behind was not acknowledged: an append failed after it.
      return List.copyOf(lines.subList(0, (int) entries));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the ledger " + file, e);
    }
  }

  @Override
  public synchronized void append(LedgerEntry entry) {
    if (entry.index() != entries) {
      throw new LedgerConflictException(
          "ledger entry " + entry.index() + " is not the next one, which is " + entries);
    }
    try {
      if (entries == 1 && disk.readHead().isEmpty()) {
        // A crash has left the first entry without its head; with two there must be one.
        writeHead(load().get(0).head());
      }
      disk.write(disk.size(), line(entry).getBytes(StandardCharsets.UTF_8));
      disk.force();
      writeHead(entry.head());
    } catch (IOException e) {
      closeQuietly(disk, e);
      throw new UncheckedIOException(
          "cannot write the ledger " + file + ". Free disk space, then open it again", e);
    }
    entries++;
  }

  private void writeHead(LedgerHead head) throws IOException {
    String text = head.index() + "\t" + head.hash() + "\n";
    disk.writeFreshHead(text.getBytes(StandardCharsets.UTF_8));
    disk.replaceHead();
    disk.forceDirectory();
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
      if (head.isEmpty() && entries > 1) {
        throw new LedgerDamagedException(
            "the file " + headFile() + " is gone. Restore it together with the ledger");
      }
      return head;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + headFile(), e);
    }
  }

  private Optional<LedgerHead> readHead() throws IOException {
    Optional<byte[]> bytes = disk.readHead();
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    String text = new String(bytes.get(), StandardCharsets.ISO_8859_1);
    if (!text.matches("(0|[1-9][0-9]{0,9})\t[0-9a-f]{64}\n")) {
      throw new LedgerDamagedException("the file " + headFile() + " cannot be read");
    }
    int tab = text.indexOf('\t');
    return Optional.of(
        new LedgerHead(
            Long.parseLong(text.substring(0, tab)), text.substring(tab + 1, text.length() - 1)));
  }

  @Override
  public void close() {
    try {
      disk.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the ledger " + file, e);
    }
  }
}
