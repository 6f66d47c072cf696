package dev.tributary.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file of lines that only grows. A line is on disk when {@link #append} returns. An end without a
 * line break is what a crash left of a line that nobody was told of: it is not read, and the next
 * append writes over it.
 */
final class AppendedLines {
  private final Path file;

  AppendedLines(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  List<String> read() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    String whole = Files.readString(file, StandardCharsets.UTF_8);
    return whole.substring(0, whole.lastIndexOf('\n') + 1).lines().toList();
  }

  void append(String line) throws IOException {
    boolean fresh = !Files.exists(file);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = endOfWholeLines(channel);
      channel.truncate(end);
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      long at = end;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      channel.force(true);
    }
    if (fresh) {
      syncDirectory(file);
    }
  }

  private static long endOfWholeLines(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }

  /** Makes the name of a new file last. */
  static void syncDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.getFileStore(directory).supportsFileAttributeView("posix")) {
      return; // only POSIX systems open a directory to sync it
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
