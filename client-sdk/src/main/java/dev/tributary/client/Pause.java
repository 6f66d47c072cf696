package dev.tributary.client;

import java.time.Duration;

/** How a client waits; tests wait without time passing. */
@FunctionalInterface
interface Pause {
  void sleep(Duration duration) throws InterruptedException;

  static Pause real() {
    return duration -> Thread.sleep(duration.toMillis());
  }
}
