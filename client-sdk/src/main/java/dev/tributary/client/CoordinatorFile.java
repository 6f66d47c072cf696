package dev.tributary.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code coordinator.key}: the signing key met first, and a line {@code ledger KEY} for each
 * coordinator that this client has a ledger for. A ledger that is gone together with its head is
 * missed by that line alone.
 */
final class CoordinatorFile {
  private static final String LEDGER = "ledger ";

  private final Path file;

  CoordinatorFile(Path directory) {
    this.file = directory.resolve("coordinator.key");
  }

  Path file() {
    return file;
  }

  /** The coordinator's key as first met, in hexadecimal. */
  Optional<String> pinned() {
    return lines().stream().filter(line -> !line.startsWith(LEDGER)).findFirst();
  }

  void pin(String key) {
    List<String> lines = new ArrayList<>(lines());
    lines.add(0, key);
    write(lines);
  }

  boolean hasLedger(String coordinator) {
    return lines().contains(LEDGER + coordinator);
  }

  /** To be called once the ledger is on disk, before anything is charged to it. */
  void addLedger(String coordinator) {
    List<String> lines = new ArrayList<>(lines());
    lines.add(LEDGER + coordinator);
    write(lines);
  }

  private List<String> lines() {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw FileClientJournal.unusable(file, e);
    }
  }

  private void write(List<String> lines) {
    replace(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Puts bytes in a file's place, whole or not at all. */
  static void replace(Path file, byte[] bytes) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.write(fresh, bytes);
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      AppendedLines.syncDirectory(file);
    } catch (IOException e) {
      throw FileClientJournal.unusable(file, e);
    }
  }
}
