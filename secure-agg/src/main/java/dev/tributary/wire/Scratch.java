package dev.tributary.wire;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * A place for bytes of one session that are too many for the heap: appended by one thread, then
 * read by position by any. Whoever made it closes it, which removes it.
 */
public interface Scratch extends AutoCloseable {

  /**
   * Appends bytes.
   *
   * @return the position of the first of them
   * @throws UncheckedIOException if they cannot be kept
   */
  long append(ByteString bytes);

  /**
   * Reads bytes that were appended.
   *
   * @param into receives {@code length} bytes from {@code at} on
   * @throws UncheckedIOException if they cannot be read
   */
  void read(long position, byte[] into, int at, int length);

  /** Bytes that were appended. */
  long size();

  @Override
  void close();

  /** On the heap: the bytes as they were given. A read stays within what one call appended. */
  static Scratch inMemory() {
    TreeMap<Long, ByteString> parts = new TreeMap<>();
    return new Scratch() {
      private long size;

      @Override
      public long append(ByteString bytes) {
        long position = size;
        parts.put(position, bytes);
        size += bytes.size();
        return position;
      }

      @Override
      public void read(long position, byte[] into, int at, int length) {
        if (length > 0) {
          var part = parts.floorEntry(position);
          int from = Math.toIntExact(position - part.getKey());
          part.getValue().substring(from, from + length).copyTo(into, at);
        }
      }

      @Override
      public long size() {
        return size;
      }

      @Override
      public void close() {
        parts.clear();
      }
    };
  }

  /**
   * In a file, which is made anew and removed at the end.
   *
   * @param limit most bytes
   * @throws IOException if it cannot be made
   */
  static Scratch in(Path file, long limit) throws IOException {
    return new FileScratch(file, limit);
  }
}
