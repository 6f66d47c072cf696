package dev.tributary.secagg;

import java.util.ArrayList;
import java.util.List;

/**
 * A client's own bounds on a session, whatever the plan says.
 *
 * @param clients fewest clients that the parameters may name
 * @param maximumClients most members of a roster
 * @param sum fewest members of a sum, and so of a roster
 */
public record Floors(int clients, int maximumClients, int sum) {

  /** Ten clients at least, none of them alone in a sum of fewer than ten. */
  public static final Floors DEFAULT = new Floors(10, Topology.MOST_CLIENTS, 10);

  /** The weakest that any parameters may have; for tests and small private federations. */
  public static final Floors NONE = new Floors(2, Topology.MOST_CLIENTS, 2);

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

  /** What in these parameters is below the bounds. */
  List<Violation> violations(SumParameters p) {
    List<Violation> found = new ArrayList<>();
    if (p.clients() < clients || p.clients() > maximumClients) {
      found.add(
          new Violation(
              "this client joins "
                  + clients
                  + " to "
                  + maximumClients
                  + " clients. Provided: "
                  + p.clients(),
              "another cohort, or another policy of the client"));
    }
    if (p.floor() < sum) {
      found.add(
          new Violation(
              "this client adds to sums of >= " + sum + " members. Provided: " + p.floor(),
              "raise minimumSum, or another policy of the client"));
    }
    return found;
  }
}
