package dev.tributary.privacy;

/**
 * Renyi divergence of Skellam noise (Agarwal, Kairouz, Liu 2021, arXiv 2110.04995, Theorem 3.5):
 * for integer orders a, r(a) &lt;= a D2^2 / (2 V) + min(((2 a - 1) D2^2 + 6 D1) / (4 V^2), 3 D1 /
 * (2 V)).
 *
 * <p>Between integers (a - 1) r(a) is convex in a, as the logarithm of a moment, and 0 at a = 1, so
 * the chord bounds it.
 *
 * <p>Symbols: V variance of the sum, D2 and D1 l2 and l1 sensitivities, all in grid units.
 */
final class SkellamDivergence {
  private SkellamDivergence() {}

  /** For vectors {@code distance} sensitivities apart. */
  static RenyiCurve curve(PrivacyEvent.DistributedSkellam event, double distance) {
    double l2 = distance * event.sensitivity();
    double l1 = RoundedNorm.l1Bound(l2, event.dimension());
    double variance = event.shares() * event.shareVariance();
    return order -> {
      double below = Math.floor(order);
      double part = order - below;
      double moment = (below - 1) * atInteger(below, l2, l1, variance);
      if (part > 0) {
        moment += part * (below * atInteger(below + 1, l2, l1, variance) - moment);
      }
      return moment / (order - 1);
    };
  }

  private static double atInteger(double order, double l2, double l1, double variance) {
    double gaussian = order * l2 * l2 / (2 * variance);
    double fine = ((2 * order - 1) * l2 * l2 + 6 * l1) / (4 * variance * variance);
    return gaussian + Math.min(fine, 3 * l1 / (2 * variance));
  }
}
