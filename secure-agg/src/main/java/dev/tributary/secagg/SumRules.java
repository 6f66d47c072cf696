package dev.tributary.secagg;

import dev.tributary.wire.RingVector;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The rules of section 1, 4, 9 and 10 that parameters must keep. */
final class SumRules {

  /** Longest vector: 2^30 elements, as the pipeline. */
  static final int LONGEST = 1 << 30;

  /** Narrowest ring. */
  static final int LEAST_BITS = 8;

  /** Most clients of a post-quantum session on the complete graph. */
  static final int POST_QUANTUM_CLIENTS = 256;

  /** Most pairs that mask with each other in a post-quantum session, on any graph. */
  static final int POST_QUANTUM_PAIRS = POST_QUANTUM_CLIENTS * (POST_QUANTUM_CLIENTS - 1) / 2;

  private SumRules() {}

  static List<Violation> violations(SumParameters p) {
    List<Violation> found = new ArrayList<>();
    int n = p.clients();
    boolean sa1 = Sa1.speaks(p.suite());
    if (n < Topology.FEWEST_CLIENTS) {
      add(
          found,
          "clients must be >= " + Topology.FEWEST_CLIENTS + ". Provided: " + n,
          "enlarge the cohort");
      return found;
    }
    if (n > Topology.MOST_CLIENTS) {
      add(
          found,
          "clients must be <= " + Topology.MOST_CLIENTS + ". Provided: " + n,
          "sum over several cohorts");
      return found;
    }
    if (!fraction(p.corruptFraction()) || !fraction(p.dropoutFraction())) {
      add(
          found,
          "corruptFraction and dropoutFraction must be >= 0 and < 1. Provided: "
              + p.corruptFraction()
              + " and "
              + p.dropoutFraction(),
          "give shares of the cohort, such as 0.05");
      return found;
    }
    if (sa1) {
      protocol(p, found);
    }
    vector(p, found);
    floors(p, found);
    return found;
  }

  private static boolean fraction(double value) {
    return value >= 0 && value < 1;
  }

  private static void protocol(SumParameters p, List<Violation> found) {
    int n = p.clients();
    Topology topology;
    try {
      topology = Topology.session(p.mode(), n, p.corruptFraction(), p.dropoutFraction());
    } catch (SumParametersException none) {
      found.addAll(none.violations());
      return;
    }
    derived("degree", topology.sparseDegree(), n, p.degree(), found);
    derived("threshold", topology.threshold(), n, p.threshold(), found);
    derived("quorum", topology.quorum(), n, p.quorum(), found);
    derived("sample", topology.sample(), n, p.sample(), found);
    topology.violations(p.mode(), p.corruptFraction(), p.dropoutFraction(), found);
    if (p.postQuantum()) {
      postQuantum(topology, found);
    }
  }

  /** Section 8: the coordinator keeps the mask ciphertexts until the round ends. */
  static void postQuantum(Topology topology, List<Violation> found) {
    if (topology.graph() == Topology.Graph.OUT_NEIGHBOURS) {
      // A mask ciphertext is bound to the shares that its sender deals, and not all neighbours
      // deal.
      add(
          found,
          "suite "
              + Sa1.POST_QUANTUM
              + " runs on the complete graph and the ring lattice. Provided: "
              + topology.clients()
              + " clients on a graph that they choose",
          "make the cohort smaller, or use suite " + Sa1.ID);
      return;
    }
    long pairs = (long) topology.clients() * topology.degree() / 2;
    if (pairs > POST_QUANTUM_PAIRS) {
      add(
          found,
          "suite "
              + Sa1.POST_QUANTUM
              + " carries at most "
              + POST_QUANTUM_PAIRS
              + " pairs of neighbours, as many as "
              + POST_QUANTUM_CLIENTS
              + " clients have on the complete graph: the coordinator holds the ciphertexts of all."
              + " Provided: "
              + pairs
              + " pairs of "
              + topology.clients()
              + " clients",
          "make the cohort smaller, or use suite " + Sa1.ID);
    }
  }

  private static void derived(String name, int right, int n, int value, List<Violation> found) {
    if (value != right) {
      add(
          found,
          name + " must be " + right + " for " + n + " clients. Provided: " + value,
          "derive the parameters");
    }
  }

  private static void vector(SumParameters p, List<Violation> found) {
    if (p.length() < 1 || p.length() > LONGEST) {
      add(
          found,
          "length must be 1 to " + LONGEST + " elements. Provided: " + p.length(),
          "split the model");
    }
    if (p.ringBits() < LEAST_BITS || p.ringBits() > RingVector.MAXIMUM_BITS) {
      add(found, "ringBits must be 8 to 32. Provided: " + p.ringBits(), "choose 32");
    } else if (1L << p.ringBits() <= p.clients()) {
      add(
          found,
          "a ring of "
              + p.ringBits()
              + " bits cannot hold a sum of one bit over "
              + p.clients()
              + " clients",
          "use ringBits >= " + (Integer.SIZE - Integer.numberOfLeadingZeros(p.clients())));
    }
  }

  /** Section 10: values of both signs, n of them at their largest. */
  static List<Violation> overflow(SumParameters p, long largest) {
    if (largest < 0) {
      throw new IllegalArgumentException("largest must be >= 0. Provided: " + largest);
    }
    BigInteger sum = BigInteger.valueOf(largest).multiply(BigInteger.valueOf(p.clients()));
    if (sum.bitLength() < p.ringBits()) {
      return List.of();
    }
    int needed = sum.bitLength() + 1;
    return List.of(
        new Violation(
            p.clients()
                + " values of up to "
                + largest
                + " add up to more than a ring of "
                + p.ringBits()
                + " bits holds",
            needed <= RingVector.MAXIMUM_BITS
                ? "use ringBits >= " + needed
                : "use smaller values or fewer clients: no ring of 32 bits would do"));
  }

  private static void floors(SumParameters p, List<Violation> found) {
    int n = p.clients();
    if (p.minimumSum() < 2 || p.minimumSum() > n) {
      add(
          found,
          "minimumSum must be 2 to " + n + ", the clients. Provided: " + p.minimumSum(),
          "a sum over fewer shows somebody's vector; over more never comes");
    }
    if (p.minimumHonest() < 0) {
      add(found, "minimumHonest must be >= 0. Provided: " + p.minimumHonest(), "use 0 for none");
    }
    int honest = n - p.fractionOfClients(p.dropoutFraction()) - p.colluders();
    if (honest < p.minimumHonest()) {
      add(
          found,
          "minimumHonest must be <= clients - floor(dropoutFraction clients)"
              + " - floor(corruptFraction clients) = "
              + honest
              + ". Provided: "
              + p.minimumHonest(),
          "tolerate fewer dropouts, or size the noise shares for fewer survivors");
    }
    if (p.floor() - p.colluders() < 2) {
      add(
          found,
          "the smallest sum, "
              + p.floor()
              + " members, must keep two honest ones beside "
              + p.colluders()
              + " corrupt",
          "raise minimumSum");
    }
  }

  private static void add(List<Violation> found, String rule, String wayOut) {
    found.add(new Violation(rule, wayOut));
  }
}
