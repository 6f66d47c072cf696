package dev.tributary.simulation.bench;

import java.time.Instant;

/**
 * What this process had taken of the processors at times that lie a little back: looked at each 10
 * ms for as long as the process lives, and remembered for 80 s.
 */
final class ProcessorTimes {
  private static final int EVERY_MILLIS = 10;
  private static final int REMEMBERED = 1 << 13;

  private final long[] micros = new long[REMEMBERED];
  private final long[] nanos = new long[REMEMBERED];
  private int looks;

  ProcessorTimes() {
    Thread thread = new Thread(this::look, "bench-processor");
    thread.setDaemon(true);
    thread.start();
  }

  private void look() {
    try {
      while (true) {
        note(CoordinatorBenchServer.micros(Instant.now()), CoordinatorBenchServer.processorNanos());
        Thread.sleep(EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      // The process ends.
    }
  }

  private synchronized void note(long at, long taken) {
    micros[looks % REMEMBERED] = at;
    nanos[looks % REMEMBERED] = taken;
    looks++;
  }

  /** Nanoseconds at a time in microseconds since the epoch, or at the first time remembered. */
  synchronized long at(long time) {
    int first = Math.max(0, looks - REMEMBERED);
    int last = looks - 1;
    while (last > first && micros[last % REMEMBERED] > time) {
      last--;
    }
    return last < 0 ? 0 : nanos[last % REMEMBERED];
  }
}
