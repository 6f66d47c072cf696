package dev.tributary.simulation.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Seeded draws that are the same on every platform ({@link StrictMath}). */
final class Draws {
  private Draws() {}

  /** A standard normal number, by Marsaglia's polar method. */
  static double gaussian(SplittableRandom random) {
    while (true) {
      double x = 2 * random.nextDouble() - 1;
      double y = 2 * random.nextDouble() - 1;
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        return x * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /**
   * Dirichlet(alpha, ..., alpha) as normalised logarithms of gamma draws, so that no small alpha
   * makes all of them underflow.
   *
   * @return double[parts] that add up to 1
   */
  static double[] dirichlet(int parts, double alpha, SplittableRandom random) {
    double[] logs = new double[parts];
    double largest = Double.NEGATIVE_INFINITY;
    for (int part = 0; part < parts; part++) {
      logs[part] = logGamma(alpha, random);
      largest = Math.max(largest, logs[part]);
    }
    double sum = 0;
    for (int part = 0; part < parts; part++) {
      logs[part] = StrictMath.exp(logs[part] - largest);
      sum += logs[part];
    }
    double total = sum;
    return Arrays.stream(logs).map(p -> p / total).toArray();
  }

  /**
   * Logarithm of a Gamma(alpha, 1) draw: Marsaglia and Tsang (ACM TOMS 26(3), 2000) at alpha + 1,
   * times U^(1/alpha).
   */
  private static double logGamma(double alpha, SplittableRandom random) {
    double d = alpha + 1 - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = gaussian(random);
      double v = 1 + c * x;
      if (v > 0) {
        double cube = v * v * v;
        double u = 1 - random.nextDouble();
        if (StrictMath.log(u) < 0.5 * x * x + d - d * cube + d * StrictMath.log(cube)) {
          return StrictMath.log(d * cube) + StrictMath.log(1 - random.nextDouble()) / alpha;
        }
      }
    }
  }
}
