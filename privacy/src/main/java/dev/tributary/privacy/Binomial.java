package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;

/** Tails of the binomial distribution, each term a logarithm, so that none underflows. */
final class Binomial {
  private Binomial() {}

  /** P[X >= k] for X ~ Binomial(n, p), 0 &lt; p &lt;= 1. */
  static double atLeast(int n, double p, int k) {
    if (k <= 0) {
      return 1;
    }
    if (k > n) {
      return 0;
    }
    if (p == 1) {
      return 1;
    }
    LogSum sum = new LogSum();
    double logOdds = Math.log(p) - Math.log1p(-p);
    double term = n * Math.log1p(-p);
    for (int i = 0; i <= n; i++) {
      if (i >= k) {
        sum.add(term);
      }
      term += Math.log((double) (n - i) / (i + 1)) + logOdds;
    }
    return Math.min(1, Math.exp(sum.value()));
  }
}
