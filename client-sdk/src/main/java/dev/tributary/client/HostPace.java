package dev.tributary.client;

import java.time.Duration;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/** Sleeps off, between steps, the part of the time that belongs to the app. Of one training. */
final class HostPace implements Pace {
  private static final long SHORTEST_SLEEP = 1_000_000;

  /** What sleeping for too long counts for at most: a machine that was suspended owes nothing. */
  private static final long LARGEST_CREDIT = 1_000_000_000;

  private final double share;
  private final LongSupplier nanoTime;
  private final Pause pause;
  private final DoubleConsumer progress;
  private long since;
  private double owed;
  private int told = -1;

  /**
   * A training that begins now.
   *
   * @param share of the time that the training may have, above 0 to 1
   * @param progress told at each percent
   */
  HostPace(double share, LongSupplier nanoTime, Pause pause, DoubleConsumer progress) {
    this.share = share;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.progress = progress;
    since = nanoTime.getAsLong();
  }

  @Override
  public void step(double done) throws InterruptedException {
    owed += (nanoTime.getAsLong() - since) * (1 - share) / share;
    int percent = (int) (100 * done);
    if (percent > told) {
      told = percent;
      progress.accept(done);
    }
    if (owed >= SHORTEST_SLEEP) {
      long before = nanoTime.getAsLong();
      pause.sleep(Duration.ofNanos((long) owed));
      owed = Math.max(-LARGEST_CREDIT, owed - (nanoTime.getAsLong() - before));
    }
    since = nanoTime.getAsLong();
  }
}
