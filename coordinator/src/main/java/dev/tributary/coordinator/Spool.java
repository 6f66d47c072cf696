package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Scratch;
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
 * The uploads of the round in flight, a file for each client, and the key material that it relays.
 * They do not outlive the round, nor the process: a round in flight is given up by a restart.
 * Confined to the coordinator's loop.
 */
final class Spool {
  private final Path directory;
  private final Path keys;
  private final Map<Integer, Upload> uploads = new HashMap<>();
  private @Nullable ByteString session;
  private @Nullable Scratch relayed;

  /** A spool in this folder, emptied. */
  Spool(Path directory) {
    this.directory = directory;
    this.keys = directory.resolveSibling(directory.getFileName() + "-keys");
    clear(directory);
    clear(keys);
  }

  /** Forgets the uploads of any other session. */
  void enter(@Nullable ByteString current) {
    if (session != null && !session.equals(current)) {
      uploads.clear();
      clear(directory);
    }
    session = current;
    if (current == null) {
      close();
    }
  }

  /**
   * A place for the key material of the next round; that of the round before is removed.
   *
   * @param limit most bytes
   * @throws UncheckedIOException if there can be none
   */
  Scratch relayed(long limit) {
    try {
      close();
      Files.createDirectories(keys);
      Scratch fresh = Scratch.in(keys.resolve("relayed"), limit);
      relayed = fresh;
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep key material in " + keys, e);
    }
  }

  /** Removes the key material. */
  void close() {
    if (relayed != null) {
      relayed.close();
    }
  }

  /** Bytes of key material of the round in flight, or of the last one. */
  long relayedBytes() {
    return relayed == null ? 0 : relayed.size();
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

  private static void clear(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // A straggler's upload is opening a file in there. The next round's end removes it.
    }
  }
}
