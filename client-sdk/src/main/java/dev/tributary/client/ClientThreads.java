package dev.tributary.client;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The three threads of one client, all daemons: the poll asks the coordinator for messages, the
 * actor runs the protocol, the worker trains. The last two end when they have had nothing to do.
 */
final class ClientThreads {
  private static final long IDLE_SECONDS = 10;

  private final Thread poll;
  private final ScheduledThreadPoolExecutor actor;
  private final ThreadPoolExecutor worker;

  ClientThreads(String name, Runnable polling) {
    poll = daemon(name + "-poll", polling);
    actor = new ScheduledThreadPoolExecutor(1, work -> daemon(name + "-round", work));
    actor.setRemoveOnCancelPolicy(true);
    actor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    worker =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> daemon(name + "-train", work));
    worker.allowCoreThreadTimeOut(true);
  }

  private Thread daemon(String name, Runnable work) {
    return new Own(this, name, work);
  }

  private static final class Own extends Thread {
    private final ClientThreads owner;

    Own(ClientThreads owner, String name, Runnable work) {
      super(work, name);
      this.owner = owner;
      setDaemon(true);
    }
  }

  void start() {
    poll.start();
  }

  ScheduledExecutorService actor() {
    return actor;
  }

  ExecutorService worker() {
    return worker;
  }

  /** Interrupts all three. */
  void stop() {
    poll.interrupt();
    stopWorking();
  }

  /** Interrupts the actor and the worker. */
  void stopWorking() {
    actor.shutdownNow();
    worker.shutdownNow();
  }

  /**
   * Waits for the threads to end. One of them, closing the client out of a listener, does not wait:
   * it would wait for itself.
   */
  boolean awaitEnd(long seconds) throws InterruptedException {
    if (Thread.currentThread() instanceof Own own && own.owner == this) {
      return true;
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    poll.join(TimeUnit.SECONDS.toMillis(seconds));
    return actor.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)
        && worker.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)
        && !poll.isAlive();
  }
}
