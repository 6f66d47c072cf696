package dev.tributary.privacy;

import dev.tributary.privacy.loss.LogSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rate at which a sample of fixed size finds one unit among those that are there, to somebody
 * who is told how many of the sample were.
 *
 * <p>Of N units any a are available, whoever decided that without knowing the draw. Of a sample of
 * m, K are available, hypergeometric; given K, they are a uniform subset of the available ones, so
 * that the release is one of a sample of K of a, at the rate K/a. Nothing is released if K is below
 * the floor f, in particular if a is. A divergence E_Q[(P/Q)^order] is bounded by E[A(K/a)], where
 * A is convex in the rate. K/a spreads as a falls: the K of a - 1 units, one of a being left out at
 * random, has the mean K (a - 1)/a given K. So for all a &gt;= a0, E[A(K/a)] is at most its value
 * at a0. For all others, K is stochastically less than at a0, and what is released counts as
 * unamplified: 1 + P[K &gt;= f at a0] (A(1) - 1). Each a0 gives a bound that holds for every a: the
 * larger one of both.
 */
final class SurvivorRates {
  private final double[] logRates;
  private final double[] logWeights;
  private final double logFewer;
  private double[] logMoments = new double[0];

  private SurvivorRates(double[] logRates, double[] logWeights, double logFewer) {
    this.logRates = logRates;
    this.logWeights = logWeights;
    this.logFewer = logFewer;
  }

  /** One rate, of releases without a floor: who is missing sends zero. */
  static SurvivorRates of(double rate) {
    return new SurvivorRates(
        new double[] {Math.log(rate)}, new double[] {0}, Double.NEGATIVE_INFINITY);
  }

  /**
   * One for each a0 tried: the floor, and a quarter more as long as that is below the population.
   *
   * @param sampled fewer units than there are, with a floor
   */
  static List<SurvivorRates> of(PrivacyEvent.FixedSizeSampled sampled) {
    List<SurvivorRates> all = new ArrayList<>();
    for (long a = sampled.floor(); a < sampled.population(); a += Math.max(1, a / 4)) {
      all.add(available((int) a, sampled));
    }
    return all;
  }

  private static SurvivorRates available(int a, PrivacyEvent.FixedSizeSampled sampled) {
    int n = sampled.population();
    int m = sampled.sample();
    int least = Math.max(0, m - (n - a));
    int most = Math.min(a, m);
    double[] logRates = new double[most - least + 1];
    double[] logWeights = new double[most - least + 1];
    LogSum total = new LogSum();
    double weight = 0;
    for (int k = least; k <= most; k++) {
      logRates[k - least] = Math.log((double) k / a);
      logWeights[k - least] = weight;
      total.add(weight);
      weight +=
          Math.log((double) (a - k) / (k + 1)) + Math.log((double) (m - k) / (n - a - m + k + 1));
    }
    LogSum enough = new LogSum();
    for (int i = 0; i < logWeights.length; i++) {
      logWeights[i] -= total.value();
      if (least + i >= sampled.floor()) {
        enough.add(logWeights[i]);
      }
    }
    boolean smallest = a == sampled.floor();
    return new SurvivorRates(
        logRates, logWeights, smallest ? Double.NEGATIVE_INFINITY : enough.value());
  }

  /** ln P[K &gt;= floor], where fewer are available than this speaks of. */
  double logFewer() {
    return logFewer;
  }

  /** ln E[(K/a)^j]. */
  double logMoment(int j) {
    if (j >= logMoments.length) {
      int from = logMoments.length;
      logMoments = Arrays.copyOf(logMoments, Math.max(j + 1, 2 * from));
      Arrays.fill(logMoments, from, logMoments.length, Double.NaN);
    }
    if (Double.isNaN(logMoments[j])) {
      LogSum sum = new LogSum();
      for (int i = 0; i < logRates.length; i++) {
        sum.add(logWeights[i] + j * logRates[i]);
      }
      logMoments[j] = sum.value();
    }
    return logMoments[j];
  }
}
