package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;

/**
 * What Poisson sampling makes of any Renyi curve at integer orders (Zhu, Wang 2019, "Poisson
 * Subsampled Renyi Differential Privacy", Theorem 5). No event uses it: noise made by clients is
 * not amplified. It is here for the arithmetic of published values.
 */
final class PoissonBound {
  private static final double LOG_THREE = Math.log(3);

  private PoissonBound() {}

  static RenyiCurve curve(double q, RenyiCurve whole) {
    if (q == 1) {
      return whole;
    }
    return a -> {
      LogSum sum = new LogSum();
      sum.add((a - 1) * Math.log1p(-q) + Math.log1p((a - 1) * q));
      double logBinomial = Math.log(a);
      for (int j = 2; j <= a; j++) {
        logBinomial += Math.log((a - j + 1) / j);
        sum.add(
            (j > 2 ? LOG_THREE : 0)
                + logBinomial
                + j * Math.log(q)
                + (a - j) * Math.log1p(-q)
                + (j - 1) * whole.at(j));
      }
      return sum.value() / (a - 1);
    };
  }
}
