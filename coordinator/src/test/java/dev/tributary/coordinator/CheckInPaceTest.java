package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Check-ins in virtual time: who comes when, and how many. */
class CheckInPaceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final int RATE = 500;
  private static final int BURST = 10_000;
  private static final int BIN = 10;

  /** What became of a wave. */
  private record Wave(int[] arrivals, int admittedAtOnce, int admitted, int deferredTwice) {}

  /**
   * Clients that wake at the same moment and do as they are told, as the SDK does: they wait for
   * the window and up to a quarter of it more.
   *
   * @return arrivals in each ten seconds after the first moment
   */
  private static Wave wave(int clients, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    CheckInPace pace = new CheckInPace(random.split());
    pace.set(RATE, BURST);
    TreeMap<Long, Integer> due = new TreeMap<>();
    int atOnce = 0;
    for (int i = 0; i < clients; i++) {
      atOnce += later(pace, due, 0, random) ? 1 : 0;
    }
    int admitted = atOnce;
    int twice = 0;
    int[] bins = new int[1];
    while (!due.isEmpty()) {
      var next = due.pollFirstEntry();
      int bin = (int) (next.getKey() / 1_000 / BIN);
      bins = bin < bins.length ? bins : Arrays.copyOf(bins, Math.max(bin + 1, 2 * bins.length));
      bins[bin] += next.getValue();
      for (int i = 0; i < next.getValue(); i++) {
        if (later(pace, due, next.getKey(), random)) {
          admitted++;
        } else {
          twice++;
        }
      }
    }
    return new Wave(bins, atOnce, admitted, twice);
  }

  private static boolean later(
      CheckInPace pace, TreeMap<Long, Integer> due, long at, SplittableRandom random) {
    Duration window = pace.admit(NOW.plusMillis(at));
    if (window.isZero()) {
      return true;
    }
    long wait = window.toMillis() + random.nextLong(window.toMillis() / 4 + 1);
    due.merge(at + wait, 1, Integer::sum);
    return false;
  }

  /**
   * A million clients wake at one moment. They come back at a mean rate of 500 E[1 / (1 + U / 4)]^2
   * = 398 a second, so that ten seconds with more than 5,000 are 16 standard deviations away: a
   * false alarm in fewer than one of 10^50 runs.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aMillionClients_thatWakeAtOneMoment_comeBackBelowTheRate(long seed) {
    Wave wave = wave(1_000_000, seed);

    assertThat(wave.admittedAtOnce()).as("seed %d", seed).isEqualTo(BURST);
    assertThat(wave.admitted()).as("seed %d", seed).isEqualTo(1_000_000);
    for (int bin = 0; bin < wave.arrivals().length; bin++) {
      assertThat(wave.arrivals()[bin])
          .as("seed %d, seconds %d to %d", seed, bin * BIN, (bin + 1) * BIN)
          .isLessThanOrEqualTo(RATE * BIN);
    }
    // 990,000 at 500 a second are 33 minutes; the random part makes at most 25 % and 25 % more.
    int last = lastArrival(wave);
    assertThat(last).as("seed %d", seed).isBetween(1_980, (int) (1_980 * 1.6) + BIN);
    assertThat(wave.deferredTwice()).as("seed %d", seed).isZero();
  }

  private static int lastArrival(Wave wave) {
    int last = 0;
    for (int bin = 0; bin < wave.arrivals().length; bin++) {
      last = wave.arrivals()[bin] > 0 ? (bin + 1) * BIN : last;
    }
    return last;
  }

  /** Of a small population nobody waits, and a steady stream below the rate never does. */
  @Test
  void smallPopulations_andSlowStreams_areLetInAtOnce() {
    assertThat(wave(BURST, 1).admittedAtOnce()).isEqualTo(BURST);
    CheckInPace pace = new CheckInPace(new SplittableRandom(1));
    pace.set(RATE, BURST);
    for (int i = 0; i < 200_000; i++) {
      assertThat(pace.admit(NOW.plusMillis(2L * i))).isZero();
    }
  }

  /** What is larger than the longest window comes in parts, and in the end all are in. */
  @Test
  void windows_areBounded_andGrowWithTheWave() {
    CheckInPace pace = new CheckInPace(new SplittableRandom(7));
    pace.set(1, 1);
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 100_000; i++) {
      Duration window = pace.admit(NOW);
      longest = window.compareTo(longest) > 0 ? window : longest;
    }
    assertThat(longest)
        .isBetween(CheckInPace.LONGEST, CheckInPace.LONGEST.multipliedBy(5).dividedBy(4));
    for (int clients : new int[] {0, 1, 100, 1_000_000, Integer.MAX_VALUE}) {
      assertThat(pace.window(clients))
          .isBetween(Duration.ofSeconds(30), CheckInPace.LONGEST.multipliedBy(5).dividedBy(4));
    }
    pace.set(500, 500);
    assertThat(pace.window(1_000_000))
        .isBetween(Duration.ofSeconds(2_000), Duration.ofSeconds(2_500));
    assertThat(pace.window(10_000)).isLessThan(Duration.ofSeconds(38));
  }
}
