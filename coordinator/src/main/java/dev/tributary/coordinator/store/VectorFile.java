package dev.tributary.coordinator.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * float32[length], little-endian, from some position of a file on, read and written in blocks, so
 * that it need not be in memory. Not safe for several threads.
 */
public final class VectorFile {
  private static final int BLOCK = 1 << 16;

  private final FileChannel channel;
  private final long position;
  private final long length;
  private final ByteBuffer buffer;

  /**
   * A vector in a file, which stays open as long as it is used.
   *
   * @param position of its first byte
   * @param length in floats
   */
  public VectorFile(FileChannel channel, long position, long length) {
    this.channel = channel;
    this.position = position;
    this.length = length;
    this.buffer =
        ByteBuffer.allocate(Float.BYTES * (int) Math.min(BLOCK, length))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Length in floats. */
  public long length() {
    return length;
  }

  /**
   * Copies elements [from, from + count) to {@code into[at, at + count)}.
   *
   * @throws UncheckedIOException if they cannot be read
   */
  public void read(long from, float[] into, int at, int count) {
    Objects.checkFromIndexSize(from, count, length);
    try {
      for (int done = 0; done < count; ) {
        int part = Math.min(BLOCK, count - done);
        buffer.clear().limit(Float.BYTES * part);
        long next = position + Float.BYTES * (from + done);
        while (buffer.hasRemaining()) {
          int read = channel.read(buffer, next + buffer.position());
          if (read < 0) {
            throw new EOFException("a vector ends before its element " + (from + done));
          }
        }
        buffer.flip();
        buffer.asFloatBuffer().get(into, at + done, part);
        done += part;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a vector from its file", e);
    }
  }

  /**
   * Copies {@code values[at, at + count)} to elements [from, from + count).
   *
   * @throws UncheckedIOException if they cannot be written; it may be tried again
   */
  public void write(long from, float[] values, int at, int count) {
    Objects.checkFromIndexSize(from, count, length);
    try {
      for (int done = 0; done < count; ) {
        int part = Math.min(BLOCK, count - done);
        buffer.clear().limit(Float.BYTES * part);
        buffer.asFloatBuffer().put(values, at + done, part);
        long next = position + Float.BYTES * (from + done);
        while (buffer.hasRemaining()) {
          channel.write(buffer, next + buffer.position());
        }
        done += part;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a vector to its file", e);
    }
  }
}
