package dev.tributary.privacy;

import java.util.function.DoubleUnaryOperator;

/** Gauss-Legendre quadrature with 64 nodes. */
final class GaussLegendre {
  private static final int NODES = 64;
  private static final double[] NODE = new double[NODES];
  private static final double[] WEIGHT = new double[NODES];

  static {
    for (int i = 0; i < NODES / 2; i++) {
      double x = Math.cos(Math.PI * (i + 0.75) / (NODES + 0.5));
      double slope = 1;
      for (int newton = 0; newton < 8; newton++) {
        double before = 1;
        double value = x;
        for (int k = 2; k <= NODES; k++) {
          double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
          before = value;
          value = next;
        }
        slope = NODES * (x * value - before) / (x * x - 1);
        x -= value / slope;
      }
      NODE[i] = -x;
      NODE[NODES - 1 - i] = x;
      WEIGHT[i] = 2 / ((1 - x * x) * slope * slope);
      WEIGHT[NODES - 1 - i] = WEIGHT[i];
    }
  }

  private GaussLegendre() {}

  static double integrate(DoubleUnaryOperator f, double from, double to) {
    double half = 0.5 * (to - from);
    double middle = 0.5 * (to + from);
    double sum = 0;
    for (int i = 0; i < NODES; i++) {
      sum += WEIGHT[i] * f.applyAsDouble(middle + half * NODE[i]);
    }
    return half * sum;
  }
}
