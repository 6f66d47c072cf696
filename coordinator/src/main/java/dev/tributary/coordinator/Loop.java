package dev.tributary.coordinator;

import dev.tributary.wire.Failed;
import dev.tributary.wire.Work;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thread that owns a state, with a pool for work that would hold it up. A task that throws ends
 * the loop: what it left half done is not gone on with.
 */
final class Loop implements AutoCloseable {
  private final ScheduledThreadPoolExecutor thread;
  private final ExecutorService workers;
  private final Consumer<Throwable> failed;

  /**
   * A loop.
   *
   * @param failed hears, on the loop, what ended it
   */
  Loop(int workers, Consumer<Throwable> failed) {
    this.thread = new ScheduledThreadPoolExecutor(1, named("tributary-loop"));
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.workers = Executors.newFixedThreadPool(workers, named("tributary-worker"));
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

  /** Runs work on the pool and hands its result, or a {@link Failed}, to the loop. */
  void run(Work work, Consumer<Object> then) {
    workers.execute(
        () -> {
          Object result;
          try {
            result = work.run();
          } catch (Exception | Error e) {
            result = new Failed(e);
          }
          Object came = result;
          execute(() -> then.accept(came));
        });
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      thread.shutdown();
      failed.accept(e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    workers.shutdownNow();
    try {
      thread.awaitTermination(10, TimeUnit.SECONDS);
      workers.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
