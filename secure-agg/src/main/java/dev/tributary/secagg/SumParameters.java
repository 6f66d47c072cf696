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
 * @param degree neighbours of each client on a sparse graph; 0 on the complete graph
 * @param threshold shares that reconstruct a secret; 0 where the suite shares nothing
 * @param quorum signatures over one survivor set that a client awaits; 0 where the suite has none
 * @param sample signatures of the quorum that a client draws and sees; 0 where it sees all
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
    int degree,
    int threshold,
    int quorum,
    int sample,
    int minimumSum,
    int minimumHonest,
    int ringBits,
    int length) {

  /**
   * The parameters of the suite with this id: fills in degree, threshold and quorum.
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
    boolean shares = Sa1.speaks(suite);
    Topology topology = Topology.session(mode, clients, corruptFraction, dropoutFraction);
    SumParameters derived =
        new SumParameters(
            suite,
            mode,
            clients,
            corruptFraction,
            dropoutFraction,
            shares ? topology.sparseDegree() : 0,
            shares ? topology.threshold() : 0,
            shares ? topology.quorum() : 0,
            shares ? topology.sample() : 0,
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

  /** Signatures over the survivors that the coordinator collects: q, and n - D to draw from. */
  public int signatures() {
    return sample == 0 ? quorum : Math.max(quorum, clients - fractionOfClients(dropoutFraction));
  }

  /** Right signatures that a client wants to see: q, or of a sample ceil(theta m). */
  public int accepted() {
    return sample == 0
        ? quorum
        : SampledQuorum.accepts(clients, colluders(), fractionOfClients(dropoutFraction), sample);
  }

  /** Who masks with whom. */
  public Topology.Graph graph() {
    return degree == 0 ? Topology.Graph.COMPLETE : Topology.sparseGraph(mode);
  }

  /**
   * Clients that may be lost up to the unmasking without losing the sum: n - max(t, q); on a sparse
   * graph those that the dropout fraction says, and then but with probability 2^-30.
   */
  public int toleratedLoss() {
    return degree == 0
        ? clients - Math.max(threshold, quorum)
        : Math.min(fractionOfClients(dropoutFraction), clients - quorum);
  }

  /** Whether ML-KEM-768 joins X25519 in masks and share channels. */
  public boolean postQuantum() {
    return suite.equals(Sa1.POST_QUANTUM);
  }

  /** Corrupt members that the noise shares count on: floor(gamma n). */
  public int colluders() {
    return fractionOfClients(corruptFraction);
  }

  /**
   * Fewest clients alive for the round to go on, and fewest survivors that a client signs:
   * max(minSum, t, q, ceil(n (1 - delta)), n_min + floor(gamma n)), without t on a sparse graph,
   * where t counts neighbours.
   */
  public int floor() {
    int floor = Math.max(minimumSum, degree == 0 ? Math.max(threshold, quorum) : quorum);
    floor = Math.max(floor, clients - fractionOfClients(dropoutFraction));
    return Math.max(floor, minimumHonest == 0 ? 0 : minimumHonest + colluders());
  }

  /** floor(fraction n), the fraction read as the decimal that it prints as. */
  int fractionOfClients(double fraction) {
    return Topology.floorOf(fraction, clients);
  }
}
