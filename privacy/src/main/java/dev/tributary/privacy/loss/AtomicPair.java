package dev.tributary.privacy.loss;

/** A pair of distributions on finitely many outcomes. */
public final class AtomicPair implements LossPair {
  private final double[] losses;
  private final double[] masses;
  private final double rest;

  /**
   * @param losses ln P/Q of each outcome
   * @param masses P of each outcome
   * @param rest what P has on all other outcomes; its loss counts as infinite
   */
  public AtomicPair(double[] losses, double[] masses, double rest) {
    this.losses = losses.clone();
    this.masses = masses.clone();
    this.rest = rest;
  }

  @Override
  public double lowest(double tail) {
    double least = Double.POSITIVE_INFINITY;
    for (double loss : losses) {
      least = Math.min(least, loss);
    }
    return least;
  }

  @Override
  public double highest(double tail) {
    double most = Double.NEGATIVE_INFINITY;
    for (double loss : losses) {
      most = Math.max(most, loss);
    }
    return most;
  }

  @Override
  public void discretise(ConnectTheDots grid) {
    for (int i = 0; i < losses.length; i++) {
      grid.atom(losses[i], masses[i]);
    }
    grid.above(rest);
  }

  /** The exact trade-off of one release. */
  public double delta(double epsilon) {
    double sum = rest;
    for (int i = 0; i < losses.length; i++) {
      if (losses[i] > epsilon) {
        sum -= masses[i] * Math.expm1(epsilon - losses[i]);
      }
    }
    return sum;
  }

  /** The exact Renyi divergence of one release. */
  public double renyi(double order) {
    if (rest > 0) {
      return Double.POSITIVE_INFINITY;
    }
    LogSum sum = new LogSum();
    for (int i = 0; i < losses.length; i++) {
      sum.add(Math.log(masses[i]) + (order - 1) * losses[i]);
    }
    return sum.value() / (order - 1);
  }
}
