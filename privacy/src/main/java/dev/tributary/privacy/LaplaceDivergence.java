package dev.tributary.privacy;

/**
 * Renyi divergence of discrete Laplace noise P(k) ~ q^|k|, q = exp(-1/b), shifted by s: summing
 * geometric series, E[(P/Q)^a] = A e^((a-1) s/b) + (1 - A) e^(-a s/b) with A = (1 + (1 - q) /
 * (e^((2a-1)/b) - 1)) / (1 + q); as b grows this is the continuous form of Mironov 2017,
 * Proposition 6.
 *
 * <p>The logarithm is convex in s and 0 at 0, so that it is superadditive: of all vectors with l1
 * norm at most s the worst has one coordinate, and the value at s bounds the product over
 * coordinates.
 */
final class LaplaceDivergence {
  private LaplaceDivergence() {}

  /** For integer vectors whose l1 distance is at most {@code shift}, noise of scale b. */
  static RenyiCurve curve(double shift, double scale) {
    double q = Math.exp(-1 / scale);
    double t = shift / scale;
    return order -> {
      double far = -Math.expm1(-1 / scale) / Math.expm1((2 * order - 1) / scale);
      double a = (1 + far) / (1 + q);
      double least = (order - 1) * t + Math.log(a + (1 - a) * Math.exp((1 - 2 * order) * t));
      return Math.max(0, least) / (order - 1);
    };
  }
}
