package dev.tributary.secagg;

/**
 * A client's own bounds on a session, whatever the plan says.
 *
 * @param clients fewest members of a roster
 * @param maximumClients most members of a roster
 * @param sum fewest members of a sum
 */
public record Floors(int clients, int maximumClients, int sum) {

  /** Ten clients at least, none of them alone in a sum of fewer than ten. */
  public static final Floors DEFAULT = new Floors(10, SumRules.MALICIOUS_CLIENTS, 10);

  /** The weakest that any parameters may have; for tests and small private federations. */
  public static final Floors NONE = new Floors(2, SumRules.MALICIOUS_CLIENTS, 2);

  /** Checks the bounds. */
  public Floors {
    if (clients < 2 || sum < 2 || maximumClients < clients) {
      throw new IllegalArgumentException(
          "floors must be >= 2 and the ceiling not below. Provided: "
              + clients
              + ", "
              + maximumClients
              + ", "
              + sum);
    }
  }
}
