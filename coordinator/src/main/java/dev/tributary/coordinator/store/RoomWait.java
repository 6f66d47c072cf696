package dev.tributary.coordinator.store;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of writes that find no room, or a disk that takes none. Most threads are told. A
 * thread that has said so stands still instead and tries again until it comes through: what it
 * works on is as if the disk were slow.
 *
 * <p>What is tried is whole or undone each time, so that trying again is safe. Safe for many
 * threads.
 */
final class RoomWait {
  private static final Logger LOG = LoggerFactory.getLogger(RoomWait.class);
  private static final long LOOK_MILLIS = 500;

  private final Clock clock;
  private final Map<Thread, Consumer<StorePause>> patient = new ConcurrentHashMap<>();
  private final Object between = new Object();
  private volatile @Nullable StorePause pause;

  RoomWait(Clock clock) {
    this.clock = clock;
  }

  /**
   * From now on the calling thread waits where there is no room.
   *
   * @param told on this thread, each time before it stands still
   */
  void waitHere(Consumer<StorePause> told) {
    patient.put(Thread.currentThread(), told);
  }

  /** Why a patient thread stands still; null if none does. */
  @Nullable StorePause pause() {
    return pause;
  }

  /** Does it, after a wait if that is what it takes and this thread is patient. */
  <T> T run(String what, Supplier<T> attempt) {
    while (true) {
      try {
        T result = attempt.get();
        resumed();
        return result;
      } catch (UncheckedIOException e) {
        StoreException known = StoreException.of(what, e);
        if (!known.wantsRoom()) {
          throw e;
        }
        stand(known);
      } catch (StoreException e) {
        stand(e);
      }
    }
  }

  /** The same with a wait on any thread. */
  <T> T runPatiently(String what, Supplier<T> attempt) {
    boolean impatient = patient.putIfAbsent(Thread.currentThread(), begun -> {}) == null;
    try {
      return run(what, attempt);
    } finally {
      if (impatient) {
        patient.remove(Thread.currentThread());
      }
    }
  }

  private void stand(StoreException e) {
    Consumer<StorePause> told = patient.get(Thread.currentThread());
    if (!e.wantsRoom() || told == null) {
      throw e;
    }
    if (pause == null) {
      StorePause begun = new StorePause(e.code(), clock.instant());
      pause = begun;
      LOG.warn("The coordinator stands still until its disk takes writes: {}", e.getMessage());
      told.accept(begun);
    }
    try {
      synchronized (between) {
        TimeUnit.MILLISECONDS.timedWait(between, LOOK_MILLIS);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  /** Another thread that came through is a sign that it is worth trying. */
  private void resumed() {
    StorePause before = pause;
    if (before == null) {
      return;
    }
    if (patient.containsKey(Thread.currentThread())) {
      pause = null;
      LOG.info("The disk takes writes again, after a pause since {}", before.since());
    } else {
      synchronized (between) {
        between.notifyAll();
      }
    }
  }
}
