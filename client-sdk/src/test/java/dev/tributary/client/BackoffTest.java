package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {
  /** The largest draw there is. */
  private static final RandomGenerator MOST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return -1;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  @Test
  void ceiling_doublesUpToAMinute() {
    Backoff backoff = new Backoff(MOST);
    assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(1000));
    assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(2000));
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.afterFailure(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofMinutes(1));
    }
    assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMinutes(1));
    backoff.succeeded();
    assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void jitter_isFull(long seed) {
    Backoff backoff = new Backoff(new SplittableRandom(seed));
    for (int i = 0; i < 10; i++) {
      backoff.afterFailure(Duration.ZERO);
    }
    double sum = 0;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 1000; i++) {
      long millis = backoff.afterFailure(Duration.ZERO).toMillis();
      sum += millis;
      least = Math.min(least, millis);
    }
    // Uniform on [0, 60 s]: the mean of 1000 draws is off by more than 3 s, over 5 standard
    // deviations, with probability below 1e-7.
    assertThat(sum / 1000).as("seed %d", seed).isBetween(27_000.0, 33_000.0);
    // All of 1000 draws above 2 s: (58/60)^1000 < 1e-14.
    assertThat(least).as("seed %d", seed).isLessThan(2_000);
  }

  @Test
  void window_ofTheServer_isKept() {
    Backoff backoff = new Backoff(MOST);
    Duration window = Duration.ofSeconds(8);
    assertThat(backoff.window(window)).isEqualTo(Duration.ofSeconds(10));
    assertThat(backoff.afterFailure(window)).isEqualTo(Duration.ofMillis(8500));
    assertThat(new Backoff(new SplittableRandom(1)).window(window)).isGreaterThanOrEqualTo(window);
  }
}
