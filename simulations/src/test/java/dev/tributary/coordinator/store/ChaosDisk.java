package dev.tributary.coordinator.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The disk under a store, and the process above it: both may fail. A process that has died writes
 * nothing any more; it dies at a step of a transaction, before or after its commit, or between a
 * blob and its row.
 */
public final class ChaosDisk {
  /** What ends a process of its own at a step. */
  public static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Death(String step) {
      super("the process died: " + step);
    }
  }

  private final AtomicInteger stepsToLive = new AtomicInteger(Integer.MAX_VALUE);
  private volatile int slowMillis;
  private volatile boolean full;

  /** A store over this disk. */
  public Store open(Path folder) {
    stepsToLive.set(Integer.MAX_VALUE);
    full = false;
    return Store.open(folder, Durability.MEMORY, this::at, this::write);
  }

  /** The process dies so many steps from now. */
  public void dieAfter(int steps) {
    stepsToLive.set(steps);
  }

  /** Each step takes so long from now on. */
  public void slow(int millis) {
    slowMillis = millis;
  }

  /**
   * Whether there is room from now on: the database grows by no page, and no blob is written.
   *
   * @param store that is open now, if one is
   */
  public void full(@Nullable Store store, boolean none) {
    full = none;
    if (store == null) {
      return;
    }
    store.transaction(
        "Limiting the database",
        sql -> {
          int most = none ? sql.query("PRAGMA page_count", row -> row.getInt(1)).get(0) : 1 << 30;
          return sql.query("PRAGMA max_page_count = " + most, row -> row.getLong(1));
        });
  }

  private void at(String step) {
    if (slowMillis > 0) {
      try {
        Thread.sleep(slowMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (stepsToLive.getAndUpdate(left -> left == Integer.MAX_VALUE ? left : left - 1) <= 0) {
      throw new Death(step);
    }
  }

  private void write(Path file, byte[] bytes, Durability durability) throws IOException {
    if (full) {
      throw new IOException("No space left on device");
    }
    BlobFiles.write(file, bytes, durability);
  }
}
