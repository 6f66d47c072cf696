package dev.tributary.simulation.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Time on the processor, which other work on the machine lengthens little. */
final class CpuTime {
  private CpuTime() {}

  /** Nanoseconds of this thread. */
  static long nanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported()
        ? threads.getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  /** Seconds that a turn takes this thread: the fastest of several, the one disturbed least. */
  static double fastest(int turns, Runnable turn) {
    double seconds = Double.POSITIVE_INFINITY;
    for (int i = 0; i < turns; i++) {
      long from = nanos();
      turn.run();
      seconds = Math.min(seconds, (nanos() - from) * 1e-9);
    }
    return seconds;
  }
}
