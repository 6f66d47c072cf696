package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A ledger's files on a machine that loses power at one chosen operation. What was forced stays. Of
 * the writes and cuts of a file that were not, those up to some moment stay, the next one in part:
 * its first bytes, with zeros after them where the length went ahead of the contents. Names that
 * were not forced are the old ones or the new ones.
 */
final class SimulatedLedgerDisk implements LedgerDisk {
  static final String LEDGER = "ledger";
  static final String HEAD = "head";
  private static final String FRESH = "fresh";

  /** The power is gone. */
  static final class PowerLoss extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** What a disk does not do although it says so. */
  enum Lie {
    NONE,
    /** The ledger file is not forced: entries are acknowledged before they are safe. */
    LEDGER_FORCE,
    /** The head file takes its place before its contents are safe. */
    HEAD_FORCE,
    /** Names are not forced. */
    DIRECTORY_FORCE
  }

  /** A change of a file: bytes from {@code at} on, or a cut there if there are none. */
  private record Change(int at, byte @Nullable [] bytes) {
    byte[] on(byte[] content) {
      if (bytes == null) {
        return Arrays.copyOf(content, at);
      }
      byte[] changed = Arrays.copyOf(content, Math.max(content.length, at + bytes.length));
      System.arraycopy(bytes, 0, changed, at, bytes.length);
      return changed;
    }
  }

  private static final class Contents {
    byte[] safe = new byte[0];
    final List<Change> unsafe = new ArrayList<>();

    byte[] now() {
      byte[] content = safe;
      for (Change change : unsafe) {
        content = change.on(content);
      }
      return content;
    }

    void force() {
      safe = now();
      unsafe.clear();
    }

    void lose(SplittableRandom random) {
      int kept = random.nextInt(unsafe.size() + 1);
      byte[] content = safe;
      for (Change change : unsafe.subList(0, kept)) {
        content = change.on(content);
      }
      byte[] torn = kept < unsafe.size() ? unsafe.get(kept).bytes() : null;
      if (torn != null) {
        int whole = random.nextInt(torn.length + 1);
        int length = random.nextBoolean() ? whole : whole + random.nextInt(torn.length - whole + 1);
        byte[] part = Arrays.copyOf(Arrays.copyOf(torn, whole), length);
        content = new Change(unsafe.get(kept).at(), part).on(content);
      }
      safe = content;
      unsafe.clear();
    }
  }

  private final Lie lie;
  private Map<String, Contents> names = new HashMap<>();
  private Map<String, Contents> safeNames = new HashMap<>();
  private int operations;
  private int failAt = Integer.MAX_VALUE;

  SimulatedLedgerDisk(Lie lie) {
    this.lie = lie;
  }

  /** Operations so far. */
  int operations() {
    return operations;
  }

  /** The power goes right before that operation, counted from 0. */
  void failAt(int operation) {
    failAt = operation;
  }

  /** The machine comes up again with what the power failure has left. */
  void restart(SplittableRandom random) {
    failAt = Integer.MAX_VALUE;
    if (random.nextBoolean()) {
      safeNames = new HashMap<>(names);
    }
    names = new HashMap<>(safeNames);
    names.values().stream().distinct().forEach(contents -> contents.lose(random));
  }

  /** The file as it is read now. */
  byte[] content(String name) {
    Contents contents = names.get(name);
    return contents == null ? new byte[0] : contents.now();
  }

  /** As the machine mounts it: a ledger file is made if there is none. */
  SimulatedLedgerDisk mounted() {
    names.computeIfAbsent(LEDGER, name -> new Contents());
    return this;
  }

  private void operation() {
    if (operations++ >= failAt) {
      throw new PowerLoss();
    }
  }

  private Contents ledger() {
    Contents contents = names.get(LEDGER);
    if (contents == null) {
      throw new IllegalStateException("not mounted");
    }
    return contents;
  }

  @Override
  public long size() {
    return ledger().now().length;
  }

  @Override
  public byte[] read(int size) {
    return Arrays.copyOf(ledger().now(), size);
  }

  @Override
  public void write(long at, byte[] bytes) {
    operation();
    ledger().unsafe.add(new Change((int) at, bytes.clone()));
  }

  @Override
  public void truncate(long size) {
    operation();
    ledger().unsafe.add(new Change((int) size, null));
  }

  @Override
  public void force() {
    operation();
    if (lie != Lie.LEDGER_FORCE) {
      ledger().force();
    }
  }

  @Override
  public Optional<byte[]> readHead() {
    return Optional.ofNullable(names.get(HEAD)).map(Contents::now);
  }

  @Override
  public void writeFreshHead(byte[] bytes) {
    operation();
    Contents fresh = new Contents();
    names.put(FRESH, fresh);
    operation();
    fresh.unsafe.add(new Change(0, bytes.clone()));
    operation();
    if (lie != Lie.HEAD_FORCE) {
      fresh.force();
    }
  }

  @Override
  public void replaceHead() {
    operation();
    Contents fresh = names.remove(FRESH);
    names.put(HEAD, fresh);
  }

  @Override
  public void forceDirectory() {
    operation();
    if (lie != Lie.DIRECTORY_FORCE) {
      safeNames = new HashMap<>(names);
    }
  }

  @Override
  public void close() {}
}
