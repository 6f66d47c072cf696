package dev.tributary.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between attempts, with full jitter: a uniform draw from nothing up to a ceiling that
 * doubles with each failure in a row. A window set by the server comes on top, so that a thousand
 * clients told the same window do not come back at once.
 */
final class Backoff {
  static final Duration FIRST_CEILING = Duration.ofMillis(500);
  static final Duration LAST_CEILING = Duration.ofMinutes(1);

  private final RandomGenerator jitter;
  private int failures;

  Backoff(RandomGenerator jitter) {
    this.jitter = jitter;
  }

  void succeeded() {
    failures = 0;
  }

  /** The pause after one more failure, at least the server's window. */
  Duration afterFailure(Duration window) {
    Duration ceiling = ceiling(failures);
    failures = Math.min(failures + 1, 30);
    return window.plus(upTo(ceiling));
  }

  /** The pause that the server asked for, spread over a quarter of its length. */
  Duration window(Duration window) {
    return window.plus(upTo(window.dividedBy(4)));
  }

  static Duration ceiling(int failuresBefore) {
    long millis = FIRST_CEILING.toMillis() << Math.min(failuresBefore, 20);
    return Duration.ofMillis(Math.min(millis, LAST_CEILING.toMillis()));
  }

  private Duration upTo(Duration ceiling) {
    return Duration.ofMillis(jitter.nextLong(ceiling.toMillis() + 1));
  }
}
