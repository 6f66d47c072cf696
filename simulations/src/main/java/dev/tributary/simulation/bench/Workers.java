package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.CommandException;
import dev.tributary.simulation.cli.ErrorCode;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Threads that work for one owner, who takes their results one after another. */
final class Workers implements AutoCloseable {
  private final ExecutorService pool;
  private final BlockingQueue<Callable<Void>> results = new LinkedBlockingQueue<>();
  private final BooleanSupplier stopped;
  private int underWay;

  /**
   * Workers that are idle.
   *
   * @param stopped asked while the owner waits; once true, the owner is interrupted
   */
  Workers(int threads, BooleanSupplier stopped) {
    this.stopped = stopped;
    this.pool =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, "bench");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Work on a worker, and what the owner then does with its result. */
  interface Task {
    /** Runs on a worker; what it returns runs at the owner. */
    Runnable run() throws Exception;
  }

  /** Starts a task. */
  void start(Task task) {
    underWay++;
    pool.execute(
        () -> {
          try {
            Runnable after = task.run();
            results.add(
                () -> {
                  after.run();
                  return null;
                });
          } catch (Exception | Error e) {
            results.add(
                () -> {
                  throw new IllegalStateException("a round of the bench failed", e);
                });
          }
        });
  }

  boolean idle() {
    return underWay == 0;
  }

  /** Waits for one result, and takes it. */
  void takeOne() throws InterruptedException {
    boolean taken = false;
    while (!taken) {
      taken = takeWithin(100);
    }
  }

  /** The same, for some milliseconds at most; whether one was taken. */
  boolean takeWithin(long millis) throws InterruptedException {
    if (underWay == 0) {
      throw new IllegalStateException("nothing is under way: a machine waits for nobody");
    }
    if (stopped.getAsBoolean()) {
      throw new CommandException(ErrorCode.INTERRUPTED, "interrupted");
    }
    @Nullable Callable<Void> result = results.poll(millis, TimeUnit.MILLISECONDS);
    if (result == null) {
      return false;
    }
    underWay--;
    try {
      result.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return true;
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
