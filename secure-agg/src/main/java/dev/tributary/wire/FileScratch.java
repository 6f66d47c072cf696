package dev.tributary.wire;

import com.google.protobuf.ByteString;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A {@link Scratch} in a file. Nothing of it is synced: it does not outlive its process. */
final class FileScratch implements Scratch {

  private final Path file;
  private final long limit;
  private final FileChannel channel;
  private volatile long size;

  FileScratch(Path file, long limit) throws IOException {
    this.file = file;
    this.limit = limit;
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  @Override
  public long append(ByteString bytes) {
    long position = size;
    try {
      if (bytes.size() > limit - position) {
        throw new IOException("more than the " + limit + " bytes that a session may keep");
      }
      ByteBuffer from = bytes.asReadOnlyByteBuffer();
      for (long at = position; from.hasRemaining(); ) {
        at += channel.write(from, at);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + file, e);
    }
    size = position + bytes.size();
    return position;
  }

  @Override
  public void read(long position, byte[] into, int at, int length) {
    ByteBuffer to = ByteBuffer.wrap(into, at, length);
    try {
      for (long from = position; to.hasRemaining(); ) {
        int count = channel.read(to, from);
        if (count < 0) {
          throw new EOFException("nothing at byte " + from);
        }
        from += count;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read from " + file, e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }

  @Override
  public String toString() {
    return "Scratch[" + file + ", " + size + " bytes]";
  }
}
