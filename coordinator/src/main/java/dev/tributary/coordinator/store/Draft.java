package dev.tributary.coordinator.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is being written, in a file that has no name yet, for what is too large for the heap:
 * write, {@link #seal}, then hand it to the store. Writes wait where the disk has no room. Not safe
 * for several threads. What a killed process leaves of drafts is removed at the next start.
 */
public final class Draft implements AutoCloseable {
  private final Path file;
  private final Durability durability;
  private final RoomWait room;
  private final FileChannel channel;
  private @Nullable String digest;
  private long length;

  Draft(Path file, Durability durability, RoomWait room) throws IOException {
    this.file = file;
    this.durability = durability;
    this.room = room;
    this.channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Writes bytes at a position. */
  public void write(long position, byte[] bytes) {
    patiently(
        () -> {
          ByteBuffer left = ByteBuffer.wrap(bytes);
          while (left.hasRemaining()) {
            channel.write(left, position + left.position());
          }
          return null;
        });
  }

  /**
   * Its floats from a byte on, to be read and written with {@link #write(VectorFile, long, float[],
   * int, int)}.
   */
  public VectorFile vector(long position, long floats) {
    return new VectorFile(channel, position, floats);
  }

  /** Writes {@code values[at, at + count)} to elements of one of its vectors, from {@code from}. */
  public void write(VectorFile vector, long from, float[] values, int at, int count) {
    patiently(
        () -> {
          vector.write(from, values, at, count);
          return null;
        });
  }

  /** Makes the bytes durable and finds their digest; nothing is written after that. */
  public void seal() {
    patiently(
        () -> {
          if (durability == Durability.DISK) {
            channel.force(true);
          }
          return null;
        });
    try {
      length = channel.size();
      digest = Blobs.digest(channel);
    } catch (IOException e) {
      throw StoreException.of("Reading a blob of " + length + " bytes again", e);
    }
  }

  /** SHA-256 of the bytes in hexadecimal, once it is sealed. */
  public String digest() {
    return Objects.requireNonNull(digest, "a draft is sealed before it is kept");
  }

  /** Bytes, once it is sealed. */
  public long length() {
    return length;
  }

  /** Where the bytes lie, until the store has them. */
  public Path file() {
    return file;
  }

  /** Lets go of it; what the store has not taken is gone. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }

  /** Something that may find no room, and may be done again. */
  @FunctionalInterface
  private interface Attempt {
    @Nullable Object run() throws IOException;
  }

  private void patiently(Attempt attempt) {
    Boolean unused =
        room.runPatiently(
            "Writing a blob",
            () -> {
              try {
                attempt.run();
                return true;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }
}
