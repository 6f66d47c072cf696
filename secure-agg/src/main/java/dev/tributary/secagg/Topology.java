package dev.tributary.secagg;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Who masks with whom, and how many must answer (sections 1, 4 and 5): derived from mode, size and
 * fractions alone, so that every end finds the same.
 *
 * @param clients n
 * @param degree neighbours of each client; n - 1 on the complete graph. With {@link
 *     Graph#OUT_NEIGHBOURS} those that a client draws; about as many draw it
 * @param threshold t, shares that reconstruct a secret
 * @param quorum q, signatures over one survivor set that a client awaits; 0 where none is needed:
 *     on a sparse graph of {@link Mode#CURIOUS} the coordinator follows the protocol
 * @param sample signatures of the quorum that a client draws and sees; 0 where it sees all
 * @param toleratedLoss most clients that may be lost up to the unmasking without losing the sum; on
 *     a sparse graph but with probability 2^-eta
 */
public record Topology(
    Graph graph,
    int clients,
    int degree,
    int threshold,
    int quorum,
    int sample,
    int toleratedLoss) {

  /** The graphs of SA1. */
  public enum Graph {
    /** Everybody with everybody. */
    COMPLETE,
    /** The ring lattice on a permutation that session and roster fix. */
    HARARY,
    /** Each client draws its neighbours itself. */
    OUT_NEIGHBOURS
  }

  /** A round is lost to dropouts within the tolerance with probability at most 2^-30. */
  public static final int CORRECTNESS_BITS = 30;

  /** Most clients that a topology is derived for. */
  public static final int MOST_CLIENTS = 1_000_000;

  /** Largest complete graph of {@link Mode#MALICIOUS}. */
  static final int MALICIOUS_CLIENTS = 1024;

  /** Largest complete graph of {@link Mode#CURIOUS}, unless no sparse one will do. */
  static final int CURIOUS_CLIENTS = 256;

  /** Fewest clients of any sum: with two, each learns the other's vector. */
  static final int FEWEST_CLIENTS = 3;

  /**
   * The topology for a cohort.
   *
   * @param corruptFraction gamma, in [0, 1)
   * @param dropoutFraction delta, in [0, 1)
   * @param correctnessBits eta, 1 to 128; of no effect on the complete graph, which loses no round
   *     within its tolerance
   * @throws SumParametersException if there is none, naming each rule, the values and a way out
   */
  public static Topology of(
      Mode mode, int clients, double corruptFraction, double dropoutFraction, int correctnessBits) {
    List<Violation> found = new ArrayList<>();
    input(clients, corruptFraction, dropoutFraction, correctnessBits, found);
    refuse(found);
    Topology topology = derive(mode, clients, corruptFraction, dropoutFraction, correctnessBits);
    topology.violations(mode, corruptFraction, dropoutFraction, found);
    refuse(found);
    return topology;
  }

  /**
   * The topology of a session, which plans may name and rules are held against. For a cohort that
   * {@link #of} refuses by its size or fractions, the complete graph.
   *
   * @throws SumParametersException if only a sparse graph would serve and none holds
   */
  static Topology session(Mode mode, int clients, double corruptFraction, double dropoutFraction) {
    List<Violation> found = new ArrayList<>();
    input(clients, corruptFraction, dropoutFraction, CORRECTNESS_BITS, found);
    return found.isEmpty()
        ? derive(mode, clients, corruptFraction, dropoutFraction, CORRECTNESS_BITS)
        : complete(mode, clients);
  }

  private static Topology derive(Mode mode, int n, double gamma, double delta, int eta) {
    int most = mode == Mode.MALICIOUS ? MALICIOUS_CLIENTS : CURIOUS_CLIENTS;
    return n <= most ? complete(mode, n) : sparse(mode, n, gamma, delta, eta);
  }

  private static void input(int n, double gamma, double delta, int eta, List<Violation> found) {
    if (n < FEWEST_CLIENTS || n > MOST_CLIENTS) {
      found.add(
          new Violation(
              "clients must be " + FEWEST_CLIENTS + " to " + MOST_CLIENTS + ". Provided: " + n,
              n < FEWEST_CLIENTS ? "enlarge the cohort" : "sum over several cohorts"));
    }
    if (eta < 1 || eta > 128) {
      found.add(new Violation("correctness bits must be 1 to 128. Provided: " + eta, "use 30"));
    }
    if (!(gamma >= 0 && gamma < 1 && delta >= 0 && delta < 1)) {
      found.add(
          new Violation(
              "corruptFraction and dropoutFraction must be >= 0 and < 1. Provided: "
                  + gamma
                  + " and "
                  + delta,
              "give shares of the cohort, such as 0.05"));
    } else if (gamma + delta >= 1) {
      found.add(
          new Violation(
              "corruptFraction + dropoutFraction must be < 1. Provided: " + gamma + " + " + delta,
              "lower one of them: nobody honest would be left"));
    }
  }

  private static void refuse(List<Violation> found) {
    if (!found.isEmpty()) {
      throw new SumParametersException(found);
    }
  }

  /**
   * The complete graph. Malicious: t = floor(2n/3) + 1, and two quorums share an honest member.
   * Curious: majorities.
   */
  static Topology complete(Mode mode, int n) {
    int threshold = mode == Mode.MALICIOUS ? (int) (2L * n / 3) + 1 : n / 2 + 1;
    int quorum = mode == Mode.MALICIOUS ? quorum(n, (n + 2) / 3 - 1) : n / 2 + 1;
    return new Topology(
        Graph.COMPLETE, n, n - 1, threshold, quorum, 0, n - Math.max(threshold, quorum));
  }

  /** q = floor((n + C) / 2) + 1: two quorums share a member outside C. */
  private static int quorum(int n, int corrupt) {
    return (n + corrupt) / 2 + 1;
  }

  private static Topology sparse(Mode mode, int n, double gamma, double delta, int eta) {
    int corrupt = floorOf(gamma, n);
    int dropped = floorOf(delta, n);
    boolean malicious = mode == Mode.MALICIOUS;
    DegreeSearch.Found found =
        new DegreeSearch(
                malicious ? DegreeSearch.Kind.OUT_NEIGHBOURS : DegreeSearch.Kind.HARARY,
                n,
                corrupt,
                dropped,
                eta)
            .run();
    if (found.equals(DegreeSearch.Found.NONE)) {
      if (n <= MALICIOUS_CLIENTS) {
        return complete(mode, n);
      }
      throw new SumParametersException(
          List.of(
              new Violation(
                  "no graph of at most "
                      + DegreeSearch.LARGEST_DEGREE
                      + " neighbours holds for "
                      + n
                      + " clients with corruptFraction "
                      + gamma
                      + " and dropoutFraction "
                      + delta,
                  "lower one of them, or take cohorts of at most "
                      + MALICIOUS_CLIENTS
                      + " clients")));
    }
    int quorum = malicious ? quorum(n, corrupt) : 0;
    return new Topology(
        sparseGraph(mode),
        n,
        found.degree(),
        found.threshold(),
        quorum,
        malicious ? SampledQuorum.size(n, corrupt, dropped, quorum) : 0,
        Math.min(dropped, n - quorum));
  }

  /** floor(fraction n): corrupt clients, or clients that may drop out. */
  public int clientsOf(double fraction) {
    return floorOf(fraction, clients);
  }

  /** The graph of a mode where the complete one is too dear. */
  static Graph sparseGraph(Mode mode) {
    return mode == Mode.MALICIOUS ? Graph.OUT_NEIGHBOURS : Graph.HARARY;
  }

  /** The degree as parameters name it: 0 on the complete graph. */
  int sparseDegree() {
    return graph == Graph.COMPLETE ? 0 : degree;
  }

  /** What these fractions ask of the topology and it cannot give. */
  void violations(
      Mode mode, double corruptFraction, double dropoutFraction, List<Violation> found) {
    if (floorOf(dropoutFraction, clients) > toleratedLoss) {
      found.add(
          new Violation(
              "dropoutFraction must be <= "
                  + toleratedLoss
                  + "/"
                  + clients
                  + ", the loss that threshold "
                  + threshold
                  + " and quorum "
                  + quorum
                  + " survive. Provided: "
                  + dropoutFraction,
              mode == Mode.MALICIOUS && graph == Graph.COMPLETE
                  ? "tolerate fewer dropouts; a cohort of any size stays below a third"
                  : "tolerate fewer dropouts; a cohort of any size stays below a half"));
    }
    int corrupt = floorOf(corruptFraction, clients);
    int most = mostCorrupt(mode);
    if (corrupt > most) {
      found.add(
          new Violation(
              "corruptFraction must leave at most "
                  + most
                  + " corrupt of "
                  + clients
                  + " clients in mode "
                  + mode
                  + ". Provided: "
                  + corruptFraction,
              "lower it: no parameters of this protocol hold against more"));
    }
  }

  private int mostCorrupt(Mode mode) {
    if (graph != Graph.COMPLETE) {
      return clients - 1;
    }
    return mode == Mode.MALICIOUS ? (clients + 2) / 3 - 1 : threshold - 1;
  }

  /** floor(fraction n), the fraction read as the decimal that it prints as. */
  static int floorOf(double fraction, int n) {
    return BigDecimal.valueOf(fraction)
        .multiply(BigDecimal.valueOf(n))
        .setScale(0, RoundingMode.FLOOR)
        .intValueExact();
  }
}
