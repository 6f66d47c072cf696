package dev.tributary.simulation.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ctrl-C while a command runs: the command is asked to end, and the process stays until it has
 * written what it has, but not longer than {@value #PATIENCE_SECONDS} s.
 */
public final class Interruption implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

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
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
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
