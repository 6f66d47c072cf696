package dev.tributary.coordinator;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thread that owns a state. Tasks that wait are done one after the other, and what they have in
 * common after them, once. A task that throws ends the loop: what it left half done is not gone on
 * with.
 */
final class Loop implements AutoCloseable {
  /** Tasks between two times of {@link #afterwards}, at most. */
  private static final int TOGETHER = 256;

  private final ScheduledThreadPoolExecutor thread;
  private final Runnable afterwards;
  private final Consumer<Throwable> failed;
  private int together;
  private boolean broken;

  /**
   * A loop.
   *
   * @param afterwards runs after a task when no other is due
   * @param failed hears, on the loop, what ended it
   */
  Loop(Runnable afterwards, Consumer<Throwable> failed) {
    this.thread = new ScheduledThreadPoolExecutor(1, named("tributary-loop"));
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.afterwards = afterwards;
    this.failed = failed;
  }

  void execute(Runnable task) {
    var unused = after(Duration.ZERO, task);
  }

  /** Runs a task on the loop after a delay; never, if it is cancelled or the loop ends before. */
  Future<?> after(Duration delay, Runnable task) {
    try {
      return thread.schedule(
          () -> guarded(task), Math.max(0, delay.toNanos()), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The loop has ended: nobody is left to do the task for.
      return CompletableFuture.failedFuture(e);
    }
  }

  private void guarded(Runnable task) {
    if (broken) {
      return; // It was due already: a shutdown leaves such tasks in the queue.
    }
    try {
      task.run();
      if (++together >= TOGETHER || !due()) {
        together = 0;
        afterwards.run();
      }
    } catch (RuntimeException | Error e) {
      broken = true;
      thread.shutdown();
      failed.accept(e);
    }
  }

  private boolean due() {
    return thread.getQueue().peek() instanceof Delayed next
        && next.getDelay(TimeUnit.NANOSECONDS) <= 0;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Daemon threads of that name with a number. */
  static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
