package dev.tributary.secagg;

import java.math.BigInteger;

/**
 * The least degree k of a sparse graph, with its threshold t, such that a round is secret but with
 * probability 2^-sigma and survives its dropouts but with probability 2^-eta (Bell et al., CCS
 * 2020, eprint 2020/704; the search is that of Google's {@code graph_parameter_finder}). All
 * comparisons are of integers: nothing is rounded, so every end finds the same pair.
 *
 * <p>With n clients of which C are corrupt and D drop out, S = n - D, and Hyp(n, K, k) the number
 * of the K marked among k drawn from n without replacement:
 *
 * <pre>
 *   (1) the neighbours of no honest client all fall away:
 *       n (n-k-1) / 2 * binomial(n-k, C+D-k) / binomial(n, C+D) &lt; 2^-(sigma+1), 0 if k &gt; C+D
 *   (2) t1 = min {t : P[Hyp(n, C, k) &gt; t] &lt;= 2^-(sigma+1) / n}
 *   (3) t2 = max {t : P[Hyp(n, S, k) &lt; t] &lt;= 2^-eta / n}
 *   (4) semi-malicious, without a signed survivor set: t1 = ceil((t1 + k - 1.25) / 2)
 *   t = max(t1 + 1, 3), accepted if t &lt;= t2
 * </pre>
 */
final class DegreeSearch {

  /** Statistical security: 2^-40. */
  static final int SIGMA = 40;

  /**
   * Largest degree that is looked at. A sparse graph is there to save messages; beyond this it does
   * not.
   */
  static final int LARGEST_DEGREE = 1024;

  /** Fewest shares that reconstruct a secret. */
  static final int LEAST_THRESHOLD = 3;

  /** Which conditions hold, and in which steps k grows. */
  enum Kind {
    /** Ring lattice, even degree, (1) to (3). */
    HARARY(2, true, false),
    /** Neighbours that each client draws for itself: (2) and (3). */
    OUT_NEIGHBOURS(1, false, false),
    /**
     * Ring lattice without a signed survivor set, (1) to (4). No session runs so; the published
     * rows hold the search to another implementation.
     */
    SEMI_MALICIOUS(2, true, true);

    private final int step;
    private final boolean connected;
    private final boolean doubled;

    Kind(int step, boolean connected, boolean doubled) {
      this.step = step;
      this.connected = connected;
      this.doubled = doubled;
    }
  }

  /** Degree and threshold. */
  record Found(int degree, int threshold) {
    /** No degree will do. */
    static final Found NONE = new Found(0, 0);
  }

  private final Kind kind;
  private final int n;
  private final int corrupt;
  private final int dropped;
  private final int eta;

  /**
   * A search.
   *
   * @param corrupt C, floor(gamma n)
   * @param dropped D, floor(delta n)
   * @param eta a round is lost to dropouts with probability at most 2^-eta
   */
  DegreeSearch(Kind kind, int n, int corrupt, int dropped, int eta) {
    this.kind = kind;
    this.n = n;
    this.corrupt = corrupt;
    this.dropped = dropped;
    this.eta = eta;
  }

  /** The least degree below n, or {@link Found#NONE}. */
  Found run() {
    Rare manyCorrupt = new Rare(corrupt, SIGMA + 1);
    Rare manyDropped = new Rare(dropped, eta);
    BigInteger all = BigInteger.ONE; // binomial(n, k)
    for (int k = 1; k < Math.min(n, LARGEST_DEGREE + 1); k++) {
      all = all.multiply(big(n - k + 1)).divide(big(k));
      manyCorrupt.draw(k, all);
      manyDropped.draw(k, all);
      int t1 = manyCorrupt.bound;
      if (kind.doubled) {
        t1 = Math.toIntExact(-Math.floorDiv(5 - 4L * (t1 + k), 8));
      }
      int threshold = Math.max(t1 + 1, LEAST_THRESHOLD);
      // P[Hyp(n, S, k) < t] = P[Hyp(n, D, k) > k - t]
      if (k % kind.step == 0
          && threshold <= k - manyDropped.bound
          && (!kind.connected || connected(k))) {
        return new Found(k, threshold);
      }
    }
    return Found.NONE;
  }

  private boolean connected(int k) {
    int lost = corrupt + dropped;
    if (k > lost) {
      return true;
    }
    // binomial(n-k, m-k) / binomial(n, m) = m (m-1) .. (m-k+1) / (n (n-1) .. (n-k+1))
    BigInteger numerator = big(n).multiply(big(n - k - 1)).shiftLeft(SIGMA);
    BigInteger denominator = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      numerator = numerator.multiply(big(lost - i));
      denominator = denominator.multiply(big(n - i));
    }
    return numerator.compareTo(denominator) < 0;
  }

  /**
   * min {t : P[Hyp(n, marked, k) > t] <= 2^-bits / n} for k = 1, 2, ... One more draw raises it by
   * at most one, so each k asks about one t alone.
   */
  private final class Rare {

    private final int marked;
    private final int bits;
    private int bound;

    /** binomial(marked, bound + 1) binomial(n - marked, k - bound - 1). */
    private BigInteger first = BigInteger.ZERO;

    Rare(int marked, int bits) {
      this.marked = marked;
      this.bits = bits;
    }

    /** Goes from k - 1 draws to k. */
    void draw(int k, BigInteger all) {
      first =
          first.signum() == 0
              ? term(k, bound + 1)
              : first.multiply(big(n - marked - (k - bound - 2L))).divide(big(k - bound - 1L));
      if (!isRare(k, all.shiftRight(bits).divide(big(n)))) {
        first = next(k, bound + 1, first);
        bound++;
      }
    }

    /** Whether the terms from bound + 1 on add up to at most the limit. */
    private boolean isRare(int k, BigInteger limit) {
      BigInteger term = first;
      BigInteger sum = BigInteger.ZERO;
      for (int j = bound + 1; term.signum() > 0; j++) {
        sum = sum.add(term);
        if (sum.compareTo(limit) > 0) {
          return false;
        }
        BigInteger next = next(k, j, term);
        BigInteger twice = next.shiftLeft(1);
        // Ratios of terms fall, so once one is below a half all that follows is below twice the
        // next.
        if (twice.compareTo(term) <= 0 && sum.add(twice).compareTo(limit) <= 0) {
          return true;
        }
        term = next;
      }
      return true;
    }

    private BigInteger term(int k, int j) {
      return binomial(marked, j).multiply(binomial(n - marked, k - j));
    }

    /** The term of j + 1 from that of j. */
    private BigInteger next(int k, int j, BigInteger term) {
      return term.signum() == 0
          ? term(k, j + 1)
          : term.multiply(big((long) (marked - j) * (k - j)))
              .divide(big((j + 1L) * (n - marked - k + j + 1L)));
    }
  }

  private static BigInteger binomial(int n, int k) {
    if (k < 0 || k > n) {
      return BigInteger.ZERO;
    }
    BigInteger value = BigInteger.ONE;
    for (int i = 0; i < Math.min(k, n - k); i++) {
      value = value.multiply(big(n - i)).divide(big(i + 1));
    }
    return value;
  }

  private static BigInteger big(long value) {
    return BigInteger.valueOf(value);
  }
}
