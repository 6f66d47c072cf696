package dev.tributary.coordinator;

import dev.tributary.wire.Body;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of one input lie: written at their positions, made durable, read back. One thread
 * at a time.
 */
final class UploadFile {
  /** Bytes after which the disk is given work, so that the last sync has little left to do. */
  private static final long SYNC_EVERY = 16 << 20;

  private final Path file;
  private @Nullable FileChannel channel;
  private long unsynced;

  UploadFile(Path file) {
    this.file = file;
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
    if (unsynced >= SYNC_EVERY) {
      open.force(false);
      unsynced = 0;
    }
  }

  /** Makes durable what was written. */
  void sync() throws IOException {
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
