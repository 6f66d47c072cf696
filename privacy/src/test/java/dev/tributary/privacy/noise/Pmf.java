package dev.tributary.privacy.noise;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * A symmetric distribution on the integers by plain summation of its weights, cut into cells of
 * nearly equal mass. Nothing here is shared with the samplers.
 */
final class Pmf {
  private final double[] masses;
  private double second;
  private double fourth;

  private Pmf(long reach, LongToDoubleFunction weight) {
    masses = new double[Math.toIntExact(reach + 1)];
    double sum = 0;
    for (int k = masses.length - 1; k >= 0; k--) {
      masses[k] = weight.applyAsDouble(k);
      sum += k == 0 ? masses[k] : 2 * masses[k];
    }
    for (int k = masses.length - 1; k >= 0; k--) {
      masses[k] /= sum;
      double square = (double) k * k;
      second += 2 * masses[k] * square;
      fourth += 2 * masses[k] * square * square;
    }
  }

  static Pmf gaussian(double sigma) {
    return new Pmf(
        (long) Math.ceil(9.5 * sigma) + 2, k -> Math.exp(-0.5 * (k / sigma) * (k / sigma)));
  }

  static Pmf laplace(double scale) {
    return new Pmf((long) Math.ceil(45 * scale) + 2, k -> Math.exp(-k / scale));
  }

  /**
   * Two Poisson variables, one less the other: term by term up to a variance of 400, and beyond by
   * Debye's expansion of the Bessel function with its first correction (DLMF 10.41.3), off by less
   * than a relative 1e-5 there.
   */
  static Pmf skellam(double variance) {
    long reach = (long) Math.ceil(12 * Math.sqrt(variance)) + 30;
    return new Pmf(
        reach, variance > 400 ? k -> debye(k, variance) : k -> difference(k, variance / 2));
  }

  private static double difference(long k, double mean) {
    double term = Math.exp(-2 * mean);
    for (int i = 1; i <= k; i++) {
      term *= mean / i;
    }
    double sum = term;
    for (int j = 1; j < mean + 60 || term > sum * 1e-18; j++) {
      term *= mean / j * (mean / (j + k));
      sum += term;
    }
    return sum;
  }

  private static double debye(long k, double v) {
    double root = Math.hypot(k, v);
    double exponent = k * (double) k / (root + v) - k * Math.log1p(k / v + (root - v) / v);
    double p = k / root;
    return Math.exp(exponent) / Math.sqrt(root) * (1 + (3 - 5 * p * p) / (24 * root));
  }

  double at(long k) {
    return masses[Math.toIntExact(Math.abs(k))];
  }

  /** One more than the greatest integer that has any mass here. */
  int size() {
    return masses.length;
  }

  double variance() {
    return second;
  }

  /** Standard error of the mean of n squares. */
  double varianceError(int n) {
    return Math.sqrt((fourth - second * second) / n);
  }

  /** Cells that each hold at least {@code least} of the mass; the last end is open. */
  Cells cells(double least) {
    List<Long> ends = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    double mass = 0;
    for (long k = 1 - masses.length; k < masses.length; k++) {
      mass += at(k);
      if (mass >= least) {
        ends.add(k);
        shares.add(mass);
        mass = 0;
      }
    }
    int last = ends.size() - 1;
    shares.set(last, shares.get(last) + mass);
    ends.set(last, Long.MAX_VALUE);
    return new Cells(
        ends.stream().mapToLong(Long::longValue).toArray(),
        shares.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * @param ends upper ends, inclusive
   */
  record Cells(long[] ends, double[] masses) {
    int of(long value) {
      int low = 0;
      int high = ends.length - 1;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (value <= ends[middle]) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return low;
    }
  }
}
