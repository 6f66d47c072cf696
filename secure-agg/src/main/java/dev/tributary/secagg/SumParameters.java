package dev.tributary.secagg;

import java.util.List;

/**
 * The parameters of one sum, derived by the planner and recomputed by every client.
 *
 * <p>Symbols of the specification: n = clients, gamma = corruptFraction, delta = dropoutFraction, t
 * = threshold, q = quorum, n_min = minimumHonest, w = ringBits, d = length.
 *
 * @param suite id of the {@link SumSuite}
 * @param clients size of the cohort
 * @param corruptFraction of the roster, against which noise shares and {@link Mode#CURIOUS} are
 *     sized; in [0, 1)
 * @param dropoutFraction of the cohort that may be lost without losing the sum; in [0, 1)
 * @param threshold shares that reconstruct a secret; 0 where the suite shares nothing
 * @param quorum signatures over one survivor set that a client awaits; 0 where the suite has none
 * @param minimumSum fewest members of a sum
 * @param minimumHonest fewest survivors whose noise shares count; 0 without noise made by clients
 * @param ringBits bits of an element
 * @param length elements of the vector
 */
public record SumParameters(
    String suite,
    Mode mode,
    int clients,
    double corruptFraction,
    double dropoutFraction,
    int threshold,
    int quorum,
    int minimumSum,
    int minimumHonest,
    int ringBits,
    int length) {

  /**
   * The parameters of the suite with this id: fills in threshold and quorum.
   *
   * @throws SumParametersException if no threshold can carry them
   */
  public static SumParameters derive(
      String suite,
      Mode mode,
      int clients,
      double corruptFraction,
      double dropoutFraction,
      int minimumSum,
      int minimumHonest,
      int ringBits,
      int length) {
    boolean shares = suite.equals(Sa1.ID);
    Topology topology = Topology.complete(mode, clients);
    SumParameters derived =
        new SumParameters(
            suite,
            mode,
            clients,
            corruptFraction,
            dropoutFraction,
            shares ? topology.threshold() : 0,
            shares ? topology.quorum() : 0,
            minimumSum,
            minimumHonest,
            ringBits,
            length);
    derived.check();
    return derived;
  }

  /**
   * Recomputes what was derived and checks every rule.
   *
   * @throws SumParametersException naming all that is broken
   */
  public void check() {
    List<Violation> violations = violations();
    if (!violations.isEmpty()) {
      throw new SumParametersException(violations);
    }
  }

  /** All rules that these parameters break; empty if they can be kept. */
  public List<Violation> violations() {
    return SumRules.violations(this);
  }

  /**
   * What is wrong with the ring if elements of all members may be as large as this; empty if their
   * plain sum stays in it.
   */
  public List<Violation> overflow(long largest) {
    return SumRules.overflow(this, largest);
  }

  /** Clients that may be lost up to the unmasking without losing the sum: n - max(t, q). */
  public int toleratedLoss() {
    return clients - Math.max(threshold, quorum);
  }

  /** Corrupt members that the noise shares count on: floor(gamma n). */
  public int colluders() {
    return fractionOfClients(corruptFraction);
  }

  /**
   * Fewest clients alive for the round to go on, and fewest survivors that a client signs:
   * max(minSum, t, q, ceil(n (1 - delta)), n_min + floor(gamma n)).
   */
  public int floor() {
    int floor = Math.max(minimumSum, Math.max(threshold, quorum));
    floor = Math.max(floor, clients - fractionOfClients(dropoutFraction));
    return Math.max(floor, minimumHonest == 0 ? 0 : minimumHonest + colluders());
  }

  /** floor(fraction n), the fraction read as the decimal that it prints as. */
  int fractionOfClients(double fraction) {
    return Topology.floorOf(fraction, clients);
  }
}
