package dev.tributary.privacy.loss;

/**
 * A composed loss distribution in the window that its tilt looks at; the mass at l is window[i]
 * exp(base - tilt l).
 */
final class ComposedLoss {
  private final double[] window;
  private final long from;
  private final double step;
  private final double tilt;
  private final double base;
  private final double added;
  private final double rounding;

  /**
   * @param added mass that counts towards delta whatever epsilon is
   * @param rounding bound on the sum of the absolute errors of {@code window}
   */
  ComposedLoss(
      double[] window,
      long from,
      double step,
      double tilt,
      double base,
      double added,
      double rounding) {
    this.window = window;
    this.from = from;
    this.step = step;
    this.tilt = tilt;
    this.base = base;
    this.added = added;
    this.rounding = rounding;
  }

  private double point(int i) {
    return (from + i) * step;
  }

  /** What rounding can have taken from delta at an epsilon: losses above it weigh no more. */
  private double rounding(double epsilon) {
    return rounding * Math.exp(base - tilt * epsilon);
  }

  /**
   * An epsilon at which delta is kept; at the noise floor it is not the smallest.
   *
   * @param atNoiseFloor whether a hundredth of delta or more is numerical error
   */
  record Bound(double epsilon, boolean atNoiseFloor) {}

  /** The smallest epsilon at which delta is kept, found from above. */
  Bound epsilon(double delta) {
    double mass = 0; // P[L > point i]
    double other = 0; // e^(point i) Q[L > point i]
    for (int i = window.length - 1; i >= 0; i--) {
      double error = added + rounding(point(i));
      if (mass - other + error > delta) {
        double upper = i == window.length - 1 ? point(i) + step : point(i + 1);
        if (100 * error > delta) {
          return new Bound(Math.max(0, upper), true);
        }
        double solved = point(i) + Math.log((mass - (delta - error)) / other);
        return new Bound(Math.max(0, Math.min(solved, upper)), false);
      }
      if (point(i) <= 0) {
        return new Bound(0, false);
      }
      mass += weight(i);
      other = (other + weight(i)) * Math.exp(-step);
    }
    return new Bound(point(0), false);
  }

  private double weight(int i) {
    return window[i] * Math.exp(base - tilt * point(i));
  }

  double delta(double epsilon) {
    if (point(0) > epsilon) {
      return 1;
    }
    double sum = 0;
    for (int i = window.length - 1; i >= 0 && point(i) > epsilon; i--) {
      sum -= weight(i) * Math.expm1(epsilon - point(i));
    }
    return Math.min(1, sum + added + rounding(epsilon));
  }
}
