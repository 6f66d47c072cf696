package dev.tributary.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Spreads check-ins over time when more come than a coordinator bears: pace steering (Bonawitz et
 * al., Towards Federated Learning at Scale: System Design, 2019, section 2.3). Whoever finds no
 * room is told a window after which to come back: its turn behind all that were told one before, at
 * the rate that is borne, and up to a quarter of that later, at random. So a wave is spread over a
 * time that grows with its size, and comes back below that rate.
 *
 * <p>A bucket that is full at the start lets a small population in at once. Confined to the
 * coordinator's loop.
 */
final class CheckInPace {
  /** The longest window; of a larger wave the rest is told to come back again. */
  static final Duration LONGEST = Duration.ofHours(6);

  private static final double SHORTEST_MILLIS = 1_000;
  private static final double LONGEST_MILLIS = LONGEST.toSeconds() * 1_000.0;
  private static final double MILLIS = 1_000;

  private final RandomGenerator random;
  private int rate;
  private int burst;
  private double room;
  private long filled = Long.MIN_VALUE;

  /** Up to when turns were given out, in milliseconds since the epoch. */
  private double turns = Double.NEGATIVE_INFINITY;

  CheckInPace(RandomGenerator random) {
    this.random = random;
  }

  /**
   * From now on so many are let in.
   *
   * @param perSecond in the long run, at least 1
   * @param atOnce after a time without any, at least {@code perSecond}
   */
  void set(int perSecond, int atOnce) {
    rate = perSecond;
    burst = atOnce;
    room = atOnce;
  }

  /** How many clients may wait at the coordinator. */
  int parked() {
    return burst;
  }

  /** Lets one in, which is zero, or says after which time to come back. */
  Duration admit(Instant now) {
    long at = now.toEpochMilli();
    long passed = filled == Long.MIN_VALUE ? 0 : Math.max(0, at - filled);
    filled = at;
    room = Math.min(burst, room + passed * rate / MILLIS);
    if (room >= 1) {
      room--;
      return Duration.ZERO;
    }
    double turn = Math.max(turns - at, SHORTEST_MILLIS) + MILLIS / rate;
    turn = Math.min(turn, LONGEST_MILLIS);
    turns = at + turn;
    return Duration.ofMillis((long) Math.ceil(turn * (1 + random.nextDouble() / 4)));
  }

  /**
   * A window for somebody who is not wanted, at random, so long that as many come back at the rate
   * that is borne, and at least half a minute.
   */
  Duration window(int clients) {
    long millis = Math.max(30_000, Math.min(LONGEST.toMillis(), clients * 1_000L / rate));
    return Duration.ofMillis(millis + random.nextLong(millis / 4));
  }

  /** A window that ends before a time is over, in its last quarter at random. */
  Duration within(Duration time) {
    long millis = Math.min(time.toMillis(), LONGEST.toMillis());
    // Clients wait for up to a quarter more than they are told.
    return Duration.ofMillis((millis - random.nextLong(millis / 4 + 1)) * 4 / 5);
  }
}
