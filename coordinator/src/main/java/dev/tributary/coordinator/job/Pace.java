package dev.tributary.coordinator.job;

/**
 * How many clients a coordinator bears.
 *
 * @param checkInsPerSecond in the long run; who comes beyond that is told when to come back
 * @param parkedClients that wait at it, each on a connection; of a larger population those that no
 *     round wants soon are told when to come back, and so many may check in at once after a quiet
 *     time
 */
public record Pace(int checkInsPerSecond, int parkedClients) {
  /** Below the 774 check-ins a second that a coordinator on two cores takes (docs/scale.md). */
  public static final Pace DEFAULTS = new Pace(500, 10_000);

  public Pace {
    if (checkInsPerSecond < 1 || parkedClients < checkInsPerSecond) {
      throw new IllegalArgumentException(
          "at least one check-in a second, and at least as many parked clients. Provided: "
              + checkInsPerSecond
              + ", "
              + parkedClients);
    }
  }
}
