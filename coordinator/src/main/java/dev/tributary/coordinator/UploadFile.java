package dev.tributary.coordinator;

import dev.tributary.wire.Body;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of one input lie: written at their positions, made durable, read back. One thread
 * at a time. The disk is given work meanwhile by another, so that nothing waits for it before the
 * last sync, which then has little left to do.
 */
final class UploadFile {
  /** Bytes after which the disk is given work. */
  private static final long SYNC_EVERY = 16 << 20;

  private final Path file;
  private final Executor ahead;
  private @Nullable FileChannel channel;
  private CompletableFuture<Void> syncing = CompletableFuture.completedFuture(null);
  private long unsynced;

  /**
   * A file that is there, or will be.
   *
   * @param ahead gives the disk work, while others write
   */
  UploadFile(Path file, Executor ahead) {
    this.file = file;
    this.ahead = ahead;
  }

  /** Writes bytes at a position. They are durable after the next {@link #sync}. */
  void write(long at, ByteBuffer bytes) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel = open;
    }
    for (long to = at; bytes.hasRemaining(); ) {
      int written = open.write(bytes, to);
      to += written;
      unsynced += written;
    }
    if (unsynced >= SYNC_EVERY && syncing.isDone()) {
      settle();
      unsynced = 0;
      FileChannel written = open;
      try {
        syncing = CompletableFuture.runAsync(() -> force(written), ahead);
      } catch (RejectedExecutionException e) {
        // The coordinator ends: the last sync has more to do, or never comes.
      }
    }
  }

  private static void force(FileChannel channel) {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for what the disk was given ahead. */
  private void settle() throws IOException {
    CompletableFuture<Void> last = syncing;
    syncing = CompletableFuture.completedFuture(null);
    try {
      last.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof UncheckedIOException failed
          ? failed.getCause()
          : new IOException("the disk could not be given its work", e.getCause());
    }
  }

  /** Makes durable what was written. */
  void sync() throws IOException {
    settle();
    if (channel != null) {
      channel.force(false);
      unsynced = 0;
    }
  }

  /** Lets go of the file, which stays. */
  void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      // Whoever needs to know how that ends has waited for it.
      syncing.exceptionally(failure -> null).join();
      syncing = CompletableFuture.completedFuture(null);
      open.close();
    }
  }

  /**
   * The bytes, once nobody writes any more.
   *
   * @param sha256 of them, if it is known
   */
  Body body(byte @Nullable [] sha256) {
    return Body.of(file, sha256);
  }

  Path path() {
    return file;
  }
}
