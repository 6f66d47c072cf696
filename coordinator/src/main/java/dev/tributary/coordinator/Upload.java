package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * One client's masked input of one round on its way in: a file that grows from a committed offset.
 * One request writes at a time, and its bytes count once they are committed. Safe for many threads.
 */
public final class Upload {
  private final Path file;
  private final long length;
  private long offset;
  private boolean writing;
  private Runnable giveWay = () -> {};
  private CompletableFuture<Void> idle = CompletableFuture.completedFuture(null);

  Upload(Path file, long length) {
    this.file = file;
    this.length = length;
  }

  /** An upload that has come whole. */
  static Upload whole(Path file, long length) {
    Upload upload = new Upload(file, length);
    upload.offset = length;
    return upload;
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
   * Asks whoever writes to give way: a client that begins again has given up its older request.
   *
   * @return completes once the bytes of the older request are committed and nobody writes
   */
  public CompletableFuture<Void> takeOver() {
    Runnable older;
    CompletableFuture<Void> ended;
    synchronized (this) {
      older = writing ? giveWay : () -> {};
      ended = idle;
    }
    older.run();
    return ended.copy();
  }

  /**
   * Begins to write at an offset; {@link #end} must follow.
   *
   * @param whenOvertaken makes this writer end soon; called on any thread, maybe more than once
   * @throws FrontDoorException if that is not where the upload goes on, or somebody writes already
   */
  public synchronized void begin(long from, Runnable whenOvertaken) {
    if (from != offset || writing) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          writing ? "upload-busy" : "upload-offset",
          "The upload goes on at byte " + offset + ", not at " + from + ".",
          "Go on at the offset in Upload-Offset.");
    }
    writing = true;
    giveWay = whenOvertaken;
    idle = new CompletableFuture<>();
  }

  /**
   * Ends the writing.
   *
   * @param to the new offset, up to which the bytes are written and flushed
   */
  public void end(long to) {
    CompletableFuture<Void> ended;
    synchronized (this) {
      if (to < offset || to > length) {
        throw new IllegalArgumentException("offset " + to + " is not in " + offset + ".." + length);
      }
      offset = to;
      writing = false;
      ended = idle;
    }
    ended.complete(null);
  }
}
