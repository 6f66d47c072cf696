package dev.tributary.secagg;

import java.math.BigInteger;

/**
 * How many signatures over the survivor set a client draws where a whole quorum would be dear
 * (section 7). The coordinator first commits to a slot for each member; then the client draws m of
 * them; it accepts if theta m are right. Two survivor sets have at most n + C signatures together,
 * so one of them has at most p1 = (n + C) / 2n of the slots; an honest coordinator has at least p2
 * = (n - D) / n. theta is halfway, and by Hoeffding's inequality, which holds for draws without
 * replacement, either error has probability at most exp(-2 m g^2) &lt;= 2^-40 for a client, with g
 * = (p2 - p1) / 2.
 *
 * <p>This project's own; nobody has proved it. It must not be drawn before the commitment: a
 * coordinator that knows the draws collects signatures over one set from these, and over another
 * from those.
 */
final class SampledQuorum {

  /** Largest cohort that checks a whole quorum, unless the margin below is too small. */
  static final int WHOLE = 4096;

  private SampledQuorum() {}

  /**
   * m = ceil(40 ln 2 / (2 g^2)), with 4 g n = n - 2D - C; 0 if the whole quorum is checked: up to
   * 4,096 clients, where g is at most .05, and where m is no fewer than the quorum.
   */
  static int size(int n, int corrupt, int dropped, int quorum) {
    long margin = n - 2L * dropped - corrupt;
    if (n <= WHOLE || 5 * margin <= n) {
      return 0;
    }
    // 40 ln 2 / (2 g^2) = 320 ln 2 (n / margin)^2, and ln 2 < 0.693148
    BigInteger above = BigInteger.valueOf(320L * 693_148).multiply(square(n));
    BigInteger below = BigInteger.valueOf(1_000_000).multiply(square(margin));
    int size = above.add(below).subtract(BigInteger.ONE).divide(below).intValueExact();
    return size < quorum ? size : 0;
  }

  /** ceil(theta m), theta = (p1 + p2) / 2 = (3n - 2D + C) / 4n. */
  static int accepts(int n, int corrupt, int dropped, int size) {
    return Math.toIntExact(-Math.floorDiv(-size * (3L * n - 2L * dropped + corrupt), 4L * n));
  }

  private static BigInteger square(long value) {
    return BigInteger.valueOf(value).pow(2);
  }
}
