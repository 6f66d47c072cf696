package dev.tributary.privacy;

/** Pearson's goodness of fit with a stated probability of a false alarm. */
public final class ChiSquare {
  private ChiSquare() {}

  /** Sum of (seen - expected)^2 / expected; expected counts should be at least 10. */
  public static double statistic(long[] seen, double[] expected) {
    double sum = 0;
    for (int i = 0; i < seen.length; i++) {
      sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
    }
    return sum;
  }

  /** The value that a chi-square variable passes with probability {@code falseAlarm}. */
  public static double limit(int degreesOfFreedom, double falseAlarm) {
    double low = 0;
    double high = degreesOfFreedom + 20 * Math.sqrt(2.0 * degreesOfFreedom) + 200;
    for (int i = 0; i < 200; i++) {
      double middle = 0.5 * (low + high);
      if (upperTail(0.5 * degreesOfFreedom, 0.5 * middle) > falseAlarm) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /**
   * Regularised upper incomplete gamma function Q(a, x): continued fraction by Lentz, or series.
   */
  private static double upperTail(double a, double x) {
    if (x < a + 1) {
      double term = 1 / a;
      double sum = term;
      for (int n = 1; term > sum * 1e-17; n++) {
        term *= x / (a + n);
        sum += term;
      }
      return 1 - sum * Math.exp(-x + a * Math.log(x) - logGamma(a));
    }
    double b = x + 1 - a;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < 10_000; i++) {
      double an = -i * (i - a);
      b += 2;
      d = 1 / (an * d + b);
      c = b + an / c;
      double delta = d * c;
      h *= delta;
      if (Math.abs(delta - 1) < 1e-15) {
        break;
      }
    }
    return h * Math.exp(-x + a * Math.log(x) - logGamma(a));
  }

  /** Stirling's series after a shift to arguments of at least 20. */
  private static double logGamma(double a) {
    double shift = 0;
    double y = a;
    while (y < 20) {
      shift -= Math.log(y++);
    }
    double series = 1 / (12 * y) - 1 / (360 * y * y * y) + 1 / (1260 * Math.pow(y, 5));
    return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
  }
}
