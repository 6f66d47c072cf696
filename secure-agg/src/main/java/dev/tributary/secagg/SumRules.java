package dev.tributary.secagg;

import dev.tributary.wire.RingVector;
import java.util.ArrayList;
import java.util.List;

/** The rules of section 1, 9 and 10 that parameters must keep, on the complete graph. */
final class SumRules {

  /** Largest complete graph of {@link Mode#MALICIOUS}. */
  static final int MALICIOUS_CLIENTS = 1024;

  /** Largest complete graph of {@link Mode#CURIOUS}. */
  static final int CURIOUS_CLIENTS = 256;

  /** Fewest clients of any sum: with two, each learns the other's vector. */
  static final int FEWEST_CLIENTS = 3;

  /** Longest vector: 2^30 elements, as the pipeline. */
  static final int LONGEST = 1 << 30;

  private SumRules() {}

  static int threshold(String suite, Mode mode, int n) {
    if (!suite.equals(Sa1.ID)) {
      return 0;
    }
    return mode == Mode.MALICIOUS ? (int) (2L * n / 3) + 1 : n / 2 + 1;
  }

  /** q = floor((n + C) / 2) + 1 with C = ceil(n/3) - 1: two quorums share an honest member. */
  static int quorum(String suite, Mode mode, int n) {
    if (!suite.equals(Sa1.ID)) {
      return 0;
    }
    if (mode == Mode.CURIOUS) {
      return n / 2 + 1;
    }
    int corrupt = (n + 2) / 3 - 1;
    return (n + corrupt) / 2 + 1;
  }

  static List<Violation> violations(SumParameters p) {
    List<Violation> found = new ArrayList<>();
    int n = p.clients();
    int largest = p.mode() == Mode.MALICIOUS ? MALICIOUS_CLIENTS : CURIOUS_CLIENTS;
    boolean sa1 = p.suite().equals(Sa1.ID);
    if (n < FEWEST_CLIENTS) {
      add(found, "clients must be >= " + FEWEST_CLIENTS + ". Provided: " + n, "enlarge the cohort");
      return found;
    }
    if (sa1 && n > largest) {
      add(
          found,
          "clients must be <= " + largest + " in mode " + p.mode() + ". Provided: " + n,
          "make the cohort smaller" + (p.mode() == Mode.CURIOUS ? " or use mode MALICIOUS" : ""));
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
    int threshold = threshold(p.suite(), p.mode(), n);
    int quorum = quorum(p.suite(), p.mode(), n);
    if (p.threshold() != threshold) {
      add(
          found,
          "threshold must be " + threshold + " for " + n + " clients. Provided: " + p.threshold(),
          "derive the parameters");
    }
    if (p.quorum() != quorum) {
      add(
          found,
          "quorum must be " + quorum + " for " + n + " clients. Provided: " + p.quorum(),
          "derive the parameters");
    }
    int loss = n - Math.max(threshold, quorum);
    if (p.fractionOfClients(p.dropoutFraction()) > loss) {
      add(
          found,
          "dropoutFraction must be <= "
              + loss
              + "/"
              + n
              + ", the loss that threshold "
              + threshold
              + " and quorum "
              + quorum
              + " survive. Provided: "
              + p.dropoutFraction(),
          p.mode() == Mode.MALICIOUS
              ? "tolerate fewer dropouts; a cohort of any size stays below a third"
              : "tolerate fewer dropouts; a cohort of any size stays below a half");
    }
    int corrupt = p.colluders();
    int most = p.mode() == Mode.MALICIOUS ? (n + 2) / 3 - 1 : threshold - 1;
    if (corrupt > most) {
      add(
          found,
          "corruptFraction must leave at most "
              + most
              + " corrupt of "
              + n
              + " clients in mode "
              + p.mode()
              + ". Provided: "
              + p.corruptFraction(),
          "lower it: no parameters of this protocol hold against more");
    }
  }

  private static void vector(SumParameters p, List<Violation> found) {
    if (p.length() < 1 || p.length() > LONGEST) {
      add(
          found,
          "length must be 1 to " + LONGEST + " elements. Provided: " + p.length(),
          "split the model");
    }
    if (p.ringBits() < 1 || p.ringBits() > RingVector.MAXIMUM_BITS) {
      add(found, "ringBits must be 1 to 32. Provided: " + p.ringBits(), "choose 32");
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
