package dev.tributary.simulation.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ctrl-C while a command runs: the command is asked to end, and the process stays until it has
 * written what it has and said so, but not longer than {@value #PATIENCE_SECONDS} s.
 */
public final class Interruption implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private static final long LAST_WORDS_SECONDS = 1;

  /** Nothing is left to be said by the command of this process. */
  private static final CountDownLatch SAID = new CountDownLatch(1);

  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  private Interruption(Consumer<String> stop) {
    hook =
        new Thread(
            () -> {
              requested = true;
              stop.accept("interrupted");
              try {
                boolean ended = over.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (!ended) {
                  System.err.println("tributary: gave up waiting for the run to end");
                } else {
                  boolean unused = SAID.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "interruption");
  }

  /** From now until it is closed, Ctrl-C calls {@code stop} with the reason. */
  public static Interruption calls(Consumer<String> stop) {
    Interruption interruption = new Interruption(stop);
    try {
      Runtime.getRuntime().addShutdownHook(interruption.hook);
    } catch (IllegalStateException e) {
      interruption.requested = true; // the process is ending already
      stop.accept("interrupted");
    }
    return interruption;
  }

  /** The command has said how it ended: an interrupted process waits for that, and no longer. */
  public static void commandEnded() {
    SAID.countDown();
  }

  /** Whether it was asked for. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    over.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        requested = true; // the process is ending already
      }
    }
  }
}
