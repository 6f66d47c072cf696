package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.wire.Body;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client's masked input of one round on its way in: bytes that grow from a committed offset,
 * and are hashed as they come. One request writes at a time, and its bytes count once they are
 * committed. Safe for many threads, but for {@link #write} and {@link #end}, which belong to
 * whoever began.
 */
public final class Upload {
  private final UploadFile file;
  private final long length;
  private final Runnable keep;
  private long offset;
  private boolean writing;
  private Runnable giveWay = () -> {};
  private CompletableFuture<Void> idle = CompletableFuture.completedFuture(null);

  /** Over the bytes up to the end of what was written; null once some were not hashed. */
  private @Nullable MessageDigest hash;

  private byte @Nullable [] sha256;
  private long written;
  private boolean torn;

  Upload(UploadFile file, long length) {
    this(file, length, () -> {});
  }

  /**
   * An upload that counts as whole once it is kept elsewhere too.
   *
   * @param keep does that, on the thread that ends the writing; may wait
   */
  Upload(UploadFile file, long length, Runnable keep) {
    this.file = file;
    this.length = length;
    this.keep = keep;
    this.hash = sha256();
  }

  /** An upload that has come whole. */
  static Upload whole(UploadFile file, long length) {
    Upload upload = new Upload(file, length);
    upload.offset = length;
    upload.hash = null;
    return upload;
  }

  /** Where the bytes lie. */
  UploadFile file() {
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

  /** The bytes, once they are complete, with their SHA-256 if all were hashed as they came. */
  synchronized Body body() {
    return file.body(sha256);
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
    written = from;
    torn = false;
    giveWay = whenOvertaken;
    idle = new CompletableFuture<>();
  }

  /**
   * Writes and hashes what follows. Waits for the disk.
   *
   * @param bytes at most as many as the upload still lacks
   * @throws IOException if the disk does not take them; nothing that was written since {@link
   *     #begin} counts then
   */
  public void write(ByteBuffer bytes) throws IOException {
    int count = bytes.remaining();
    if (count > length - written) {
      throw new IllegalArgumentException(
          count + " bytes more than " + written + " are above " + length);
    }
    try {
      file.write(written, bytes.duplicate());
    } catch (IOException e) {
      torn = true;
      hash = null;
      throw e;
    }
    if (hash != null) {
      hash.update(bytes);
    }
    written += count;
  }

  /**
   * Ends the writing: what was written is made durable and counts, all of it or nothing. Waits for
   * the disk.
   *
   * @throws IOException if it is not durable
   */
  public void end() throws IOException {
    boolean durable = false;
    try {
      if (!torn && written > offset()) {
        file.sync();
      }
      boolean whole = !torn && written == length && written > offset();
      file.close();
      if (whole) {
        keep.run();
      }
      durable = !torn;
    } finally {
      end(durable);
    }
  }

  private void end(boolean durable) {
    CompletableFuture<Void> ended;
    synchronized (this) {
      if (durable) {
        offset = written;
      } else {
        hash = null;
      }
      if (offset == length && hash != null) {
        sha256 = hash.digest();
        hash = null;
      }
      writing = false;
      ended = idle;
    }
    ended.complete(null);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
