package dev.tributary.privacy.correlated;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.ToDoubleFunction;

/**
 * Nelder and Mead's simplex (1965, coefficients 1, 2, 1/2, 1/2) over ln(omega) and the logits of
 * theta, begun again from the best point until that gains nothing. Deterministic.
 */
final class BufferSearch {
  private static final int RESTARTS = 12;
  private static final int STEPS = 400;
  private static final double GAIN = 1e-7;

  private BufferSearch() {}

  /** Parameters and what they cost. */
  private static final class Point {
    private final double[] at;
    private final double value;

    Point(double[] at, double value) {
      this.at = at;
      this.value = value;
    }

    double[] at() {
      return at;
    }

    double value() {
      return value;
    }
  }

  static BufferedToeplitz best(int buffers, Schedule schedule) {
    ToDoubleFunction<double[]> cost = x -> cost(x, schedule);
    double[] start = start(buffers, schedule.rounds());
    Point best = new Point(start, cost.applyAsDouble(start));
    for (int i = 0; i < RESTARTS; i++) {
      Point next = descend(best, cost, (i & 1) == 0 ? 0.7 : -0.4);
      boolean done = best.value() - next.value() < GAIN && i > 1;
      best = next;
      if (done) {
        break;
      }
    }
    return strategy(best.at());
  }

  /** Time constants between 1 round and the run, evenly in their logarithm; 1/sqrt(t) weights. */
  private static double[] start(int buffers, int rounds) {
    double[] x = new double[2 * buffers];
    for (int i = 0; i < buffers; i++) {
      double constant = Math.pow(rounds + 2.0, (i + 0.7) / buffers);
      x[i] = Math.log(0.4 / buffers / Math.sqrt(constant));
      x[buffers + i] = Math.log(constant);
    }
    return x;
  }

  private static BufferedToeplitz strategy(double[] x) {
    int buffers = x.length / 2;
    double[] omega = new double[buffers];
    double[] theta = new double[buffers];
    for (int i = 0; i < buffers; i++) {
      omega[i] = Math.exp(x[i]);
      theta[i] = 1 / (1 + Math.exp(-x[buffers + i]));
    }
    return new BufferedToeplitz(omega, theta);
  }

  private static double cost(double[] x, Schedule schedule) {
    try {
      BufferedToeplitz blt = strategy(x);
      double value = blt.maximumVariance(schedule.rounds()) * blt.sensitivitySquared(schedule);
      return value > 0 ? Math.log(value) : Double.POSITIVE_INFINITY;
    } catch (IllegalArgumentException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private static Point descend(Point from, ToDoubleFunction<double[]> cost, double width) {
    int n = from.at().length;
    Point[] simplex = new Point[n + 1];
    simplex[0] = from;
    for (int i = 0; i < n; i++) {
      double[] x = from.at().clone();
      x[i] += width;
      simplex[i + 1] = new Point(x, cost.applyAsDouble(x));
    }
    for (int step = 0; step < STEPS; step++) {
      Arrays.sort(simplex, Comparator.comparingDouble(Point::value));
      Point worst = simplex[n];
      Point reflected = along(simplex, -1, cost);
      if (reflected.value() < simplex[0].value()) {
        Point expanded = along(simplex, -2, cost);
        simplex[n] = expanded.value() < reflected.value() ? expanded : reflected;
      } else if (reflected.value() < simplex[n - 1].value()) {
        simplex[n] = reflected;
      } else {
        Point inside = along(simplex, reflected.value() < worst.value() ? -0.5 : 0.5, cost);
        if (inside.value() < Math.min(worst.value(), reflected.value())) {
          simplex[n] = inside;
        } else {
          shrink(simplex, cost);
        }
      }
    }
    Arrays.sort(simplex, Comparator.comparingDouble(Point::value));
    return simplex[0];
  }

  /** The centre of all but the worst point, plus {@code factor} times the way to the worst. */
  private static Point along(Point[] simplex, double factor, ToDoubleFunction<double[]> cost) {
    int n = simplex.length - 1;
    double[] x = new double[n];
    for (int j = 0; j < n; j++) {
      double centre = 0;
      for (int i = 0; i < n; i++) {
        centre += simplex[i].at()[j] / n;
      }
      x[j] = centre + factor * (simplex[n].at()[j] - centre);
    }
    return new Point(x, cost.applyAsDouble(x));
  }

  private static void shrink(Point[] simplex, ToDoubleFunction<double[]> cost) {
    for (int i = 1; i < simplex.length; i++) {
      double[] x = new double[simplex.length - 1];
      for (int j = 0; j < x.length; j++) {
        x[j] = 0.5 * (simplex[0].at()[j] + simplex[i].at()[j]);
      }
      simplex[i] = new Point(x, cost.applyAsDouble(x));
    }
  }
}
