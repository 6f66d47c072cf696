package dev.tributary.privacy.correlated;

/**
 * Who takes part when, as far as the sensitivity of a sum over rounds depends on it. Whoever picks
 * the cohorts must keep it, and clients refuse beyond it.
 *
 * @param rounds T, of the whole run
 * @param participations k, rounds that any one client is in at most
 * @param separation s, least difference between the numbers of two of them
 */
public record Schedule(int rounds, int participations, int separation) {
  /** Longest run: its coefficients are one array. */
  public static final int MOST_ROUNDS = 1 << 20;

  public Schedule {
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      throw new IllegalArgumentException("rounds must be 1 to 2^20, was " + rounds);
    }
    if (participations < 1) {
      throw new IllegalArgumentException("participations must be >= 1, was " + participations);
    }
    if (separation < 1) {
      throw new IllegalArgumentException("separation must be >= 1, was " + separation);
    }
  }

  /** The participations that fit into the run at all. */
  int possible() {
    return Math.min(participations, (rounds - 1) / separation + 1);
  }
}
