package dev.tributary.client;

import java.time.Duration;

/**
 * How long a poll asks the coordinator to hold it: shorter where something on the way, as a proxy
 * does, cuts connections that are idle for less. Of one check-in.
 */
final class LongPoll {
  static final Duration LONGEST = Duration.ofSeconds(25);
  static final Duration SHORTEST = Duration.ofSeconds(1);

  private Duration hold = LONGEST;

  Duration hold() {
    return hold;
  }

  /** A poll was cut after this time; one that was cut at once says nothing of idleness. */
  void cut(Duration after) {
    if (after.compareTo(SHORTEST) >= 0) {
      Duration half = (after.compareTo(hold) < 0 ? after : hold).dividedBy(2);
      hold = half.compareTo(SHORTEST) > 0 ? half : SHORTEST;
    }
  }

  /** Whether an empty answer came so soon that it was not held at all. */
  boolean early(Duration after) {
    return after.compareTo(hold.dividedBy(2)) < 0;
  }
}
