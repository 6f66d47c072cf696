package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import java.nio.file.Path;

/**
 * One client's masked input of one round on its way in: a file that grows from a committed offset.
 * One request writes at a time, and its bytes count once they are committed. Safe for many threads.
 */
public final class Upload {
  private final Path file;
  private final long length;
  private long offset;
  private boolean writing;

  Upload(Path file, long length) {
    this.file = file;
    this.length = length;
  }

  /** Where the bytes go. */
  public Path file() {
    return file;
  }

  /** Bytes of the whole input. */
  public long length() {
    return length;
  }

  /** Bytes that have arrived for good. */
  public synchronized long offset() {
    return offset;
  }

  /** Whether all bytes are there. */
  public synchronized boolean complete() {
    return offset == length && !writing;
  }

  /**
   * Begins to write at an offset; {@link #end} must follow.
   *
   * @throws FrontDoorException if that is not where the upload goes on, or somebody writes already
   */
  public synchronized void begin(long from) {
    if (from != offset || writing) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          writing ? "upload-busy" : "upload-offset",
          "The upload goes on at byte " + offset + ", not at " + from + ".",
          "Go on at the offset in Upload-Offset.");
    }
    writing = true;
  }

  /**
   * Ends the writing.
   *
   * @param to the new offset, up to which the bytes are written and flushed
   */
  public synchronized void end(long to) {
    if (to < offset || to > length) {
      throw new IllegalArgumentException("offset " + to + " is not in " + offset + ".." + length);
    }
    offset = to;
    writing = false;
  }
}
