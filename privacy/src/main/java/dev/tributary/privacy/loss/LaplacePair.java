package dev.tributary.privacy.loss;

/**
 * Laplace noise of scale b around 0 against the same around 1. The loss (|x - 1| - |x|) / b lies
 * between -1/b and 1/b and has an atom at both ends; the other direction is the mirror image.
 */
public final class LaplacePair implements LossPair {
  private final double scale;

  /**
   * @param scale b, noise over l1 sensitivity
   */
  public LaplacePair(double scale) {
    this.scale = scale;
  }

  @Override
  public double lowest(double tail) {
    return -1 / scale;
  }

  @Override
  public double highest(double tail) {
    return 1 / scale;
  }

  @Override
  public void discretise(ConnectTheDots grid) {
    grid.atom(1 / scale, 0.5);
    grid.atom(-1 / scale, 0.5 * Math.exp(-1 / scale));
    double from = where(grid.point(0));
    grid.below(0.5 * (Math.exp(-from / scale) - Math.exp(-1 / scale)));
    for (int i = 0; i < grid.points() - 1; i++) {
      double to = where(grid.point(i + 1));
      double p = 0.5 * Math.exp(-to / scale) * -Math.expm1((to - from) / scale);
      double q = 0.5 * Math.exp((from - 1) / scale) * -Math.expm1((to - from) / scale);
      grid.cell(i, p, p - q * Math.exp(grid.point(i)));
      from = to;
    }
    grid.above(-0.5 * Math.expm1(-from / scale));
  }

  /** The x in [0, 1] at which the loss is nearest to {@code loss}; falls as the loss rises. */
  private double where(double loss) {
    return Math.min(1, Math.max(0, 0.5 * (1 - scale * loss)));
  }
}
