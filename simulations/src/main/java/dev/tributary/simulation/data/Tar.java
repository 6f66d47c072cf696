package dev.tributary.simulation.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The regular files of a tar stream (POSIX ustar), one after the other. */
final class Tar {
  private static final int BLOCK = 512;

  /**
   * One file; its bytes are what the stream gives next.
   *
   * @param size in bytes
   */
  record Entry(String name, long size) {}

  private final InputStream in;
  private long toSkip;

  Tar(InputStream in) {
    this.in = in;
  }

  /**
   * The next regular file, or nothing at the end. What was not read of the one before is skipped.
   */
  Optional<Entry> next() throws IOException {
    while (true) {
      in.skipNBytes(toSkip);
      toSkip = 0;
      byte[] header = in.readNBytes(BLOCK);
      if (header.length == 0 || (header.length == BLOCK && header[0] == 0)) {
        return Optional.empty();
      }
      if (header.length < BLOCK) {
        throw new EOFException("the archive is cut short");
      }
      long size = octal(header, 124, 12);
      String prefix = text(header, 345, 155);
      String name = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, 100);
      toSkip = (size + BLOCK - 1) / BLOCK * BLOCK;
      if (header[156] == '0' || header[156] == 0) {
        return Optional.of(new Entry(name, size));
      }
    }
  }

  /** The whole of the file that {@link #next} gave. */
  byte[] bytes(Entry entry, int most) throws IOException {
    if (entry.size() > most) {
      throw new IOException(entry.name() + " has " + entry.size() + " bytes, more than " + most);
    }
    byte[] bytes = in.readNBytes((int) entry.size());
    if (bytes.length < entry.size()) {
      throw new EOFException("the archive is cut short in " + entry.name());
    }
    toSkip -= bytes.length;
    return bytes;
  }

  private static String text(byte[] header, int from, int length) {
    int to = from;
    while (to < from + length && header[to] != 0) {
      to++;
    }
    return new String(header, from, to - from, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] header, int from, int length) throws IOException {
    String digits = text(header, from, length).strip();
    if (!digits.matches("[0-7]{1,11}")) {
      throw new IOException("a header of the archive is damaged");
    }
    return Long.parseLong(digits, 8);
  }
}
