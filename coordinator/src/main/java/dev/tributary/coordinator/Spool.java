package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The uploads of the round in flight, a file for each client. They do not outlive the round, nor
 * the process: a round in flight is given up by a restart. Confined to the coordinator's loop.
 */
final class Spool {
  private final Path directory;
  private final Map<Integer, Upload> uploads = new HashMap<>();
  private @Nullable ByteString session;

  /** A spool in this folder, emptied. */
  Spool(Path directory) {
    this.directory = directory;
    clear();
  }

  /** Forgets the uploads of any other session. */
  void enter(@Nullable ByteString current) {
    if (session != null && !session.equals(current)) {
      uploads.clear();
      clear();
    }
    session = current;
  }

  /** The upload of a member, from 0 where none began. */
  Upload of(int member, long length) {
    return uploads.computeIfAbsent(member, m -> new Upload(file(m), length));
  }

  /** The upload of a member, if it began. */
  @Nullable Upload find(int member) {
    return uploads.get(member);
  }

  private Path file(int member) {
    ByteString current = session == null ? ByteString.EMPTY : session;
    Path folder = directory.resolve(HexFormat.of().formatHex(current.toByteArray(), 0, 8));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write uploads to " + folder, e);
    }
    return folder.resolve(Integer.toString(member));
  }

  private void clear() {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // A straggler's upload is opening a file in there. The next round's end removes it.
    }
  }
}
