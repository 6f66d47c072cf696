package dev.tributary.coordinator;

import dev.tributary.wire.Failed;
import dev.tributary.wire.Work;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Threads for work that would hold up a {@link Loop}. They end while there is nothing to do. */
final class Workers implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ThreadPoolExecutor threads;

  Workers(int threads) {
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Loop.named("tributary-worker"));
    this.threads.allowCoreThreadTimeOut(true);
  }

  /** Runs work, and hands over its result or a {@link Failed}, on the thread that did it. */
  void run(Work work, Consumer<Object> then) {
    try {
      threads.execute(
          () -> {
            Object result;
            try {
              result = work.run();
            } catch (Exception | Error e) {
              result = new Failed(e);
            }
            then.accept(result);
          });
    } catch (RejectedExecutionException e) {
      // Closed: nobody is left to do the work for.
    }
  }

  /** Interrupts what runs, and waits for it. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
