package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Body;
import dev.tributary.wire.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The uploads of the round in flight, a file for each client, and the key material that it relays.
 * They do not outlive the round. Uploads outlive the process, for a round that is taken up again;
 * key material is written anew then. Confined to the coordinator's loop.
 */
final class Spool {
  private final Path directory;
  private final Path keys;
  private final UnaryOperator<Scratch> kind;
  private final Executor ahead;
  private final Map<Integer, Upload> uploads = new HashMap<>();
  private @Nullable ByteString session;
  private @Nullable Scratch relayed;

  /**
   * The spool of a job in a store's folder, without the key material of an earlier process.
   *
   * @param kind makes of a file for key material what is written to
   * @param ahead gives the disk work, while others write
   */
  Spool(Path store, String job, UnaryOperator<Scratch> kind, Executor ahead) {
    this.directory = store.resolve("spool").resolve(job);
    this.kind = kind;
    this.ahead = ahead;
    this.keys = store.resolve("spool-keys").resolve(job);
    clear(keys);
  }

  /** Forgets the uploads of any other session. */
  void enter(@Nullable ByteString current) {
    if (!Objects.equals(session, current)) {
      uploads.clear();
      clearAllBut(current);
    }
    session = current;
    if (current == null) {
      close();
    }
  }

  /** What a member uploaded whole to a session that an earlier process was in. */
  Body kept(ByteString earlier, int member) {
    if (!earlier.equals(session)) {
      enter(earlier);
    }
    adopt(earlier);
    Path file = file(member);
    try {
      Upload upload = Upload.whole(new UploadFile(file, ahead), Files.size(file));
      uploads.put(member, upload);
      return upload.body();
    } catch (IOException e) {
      throw new UncheckedIOException("an input that was accepted is gone: " + file, e);
    }
  }

  /** Uploads of a round that began when a store had one spool for whichever job it was. */
  private void adopt(ByteString earlier) {
    Path folder = folder(earlier);
    Path before = directory.resolveSibling(folder.getFileName());
    try {
      if (Files.isDirectory(before) && !Files.exists(folder)) {
        Files.createDirectories(directory);
        Files.move(before, folder);
      }
    } catch (IOException e) {
      // Then the input is missing, and its round is given up.
    }
  }

  private void clearAllBut(@Nullable ByteString current) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> folders = Files.list(directory)) {
      folders
          .filter(folder -> current == null || !folder.equals(folder(current)))
          .forEach(Spool::clear);
    } catch (IOException e) {
      // They are removed at the next change.
    }
  }

  private Path folder(ByteString of) {
    return directory.resolve(HexFormat.of().formatHex(of.toByteArray(), 0, 8));
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
      Scratch fresh = kind.apply(Scratch.in(keys.resolve("relayed"), limit));
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
    return uploads.computeIfAbsent(member, m -> new Upload(new UploadFile(file(m), ahead), length));
  }

  /** The upload of a member, if it began. */
  @Nullable Upload find(int member) {
    return uploads.get(member);
  }

  /** Removes what a member has uploaded in part. A whole input goes with its round. */
  void forget(int member) {
    Upload upload = uploads.get(member);
    if (upload == null || upload.complete()) {
      return;
    }
    uploads.remove(member);
    Path file = upload.file().path();
    var unused = upload.takeOver().thenRun(() -> clear(file));
  }

  private Path file(int member) {
    Path folder = folder(Objects.requireNonNull(session, "no round is running"));
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
