package dev.tributary.privacy.noise;

import java.util.ArrayList;
import java.util.List;

/** The discrete Gaussian by plain summation, cut into cells of equal or nearly equal weight. */
final class DiscreteGaussianPmf {
  private final double sigma;
  private final long reach;
  private final double total;

  DiscreteGaussianPmf(double sigma) {
    this.sigma = sigma;
    this.reach = (long) Math.ceil(12 * sigma) + 2;
    double sum = 0;
    for (long k = reach; k >= 1; k--) {
      sum += weight(k);
    }
    this.total = 1 + 2 * sum;
  }

  private double weight(long k) {
    return Math.exp(-0.5 * (k / sigma) * (k / sigma));
  }

  double at(long k) {
    return weight(k) / total;
  }

  /**
   * Upper ends (inclusive) of cells that each hold at least {@code least} of the mass; the last end
   * is open.
   */
  Cells cells(double least) {
    List<Long> ends = new ArrayList<>();
    List<Double> masses = new ArrayList<>();
    double mass = 0;
    for (long k = -reach; k <= reach; k++) {
      mass += at(k);
      if (mass >= least) {
        ends.add(k);
        masses.add(mass);
        mass = 0;
      }
    }
    int last = ends.size() - 1;
    masses.set(last, masses.get(last) + mass);
    ends.set(last, Long.MAX_VALUE);
    return new Cells(
        ends.stream().mapToLong(Long::longValue).toArray(),
        masses.stream().mapToDouble(Double::doubleValue).toArray());
  }

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
