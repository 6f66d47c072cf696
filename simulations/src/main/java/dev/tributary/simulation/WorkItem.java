package dev.tributary.simulation;

import dev.tributary.wire.Failed;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work that a machine asked for. It runs once, on the first thread that has time for it or, at the
 * latest, on the one that needs its outcome.
 */
final class WorkItem {
  private final FutureTask<Object> task;
  private boolean taken;

  WorkItem(Callable<Object> work) {
    task = new FutureTask<>(work);
  }

  /** Runs it, unless that has begun already. */
  void run() {
    task.run();
  }

  /**
   * Its result, or {@link Failed} with its exception; runs it here if nobody has begun to.
   *
   * @throws OutOfMemoryError if it found none: that is the machine's fault, and no client's
   */
  Object outcome() throws InterruptedException {
    task.run();
    try {
      return task.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof OutOfMemoryError none) {
        throw none;
      }
      return new Failed(cause == null ? e : cause);
    } finally {
      taken = true;
    }
  }

  /** Whether its outcome was taken. Asked between windows alone. */
  boolean taken() {
    return taken;
  }
}
