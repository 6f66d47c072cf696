package dev.tributary.privacy.loss;

/**
 * A pair of distributions on finitely many outcomes.
 *
 * @param losses ln P/Q of each outcome
 * @param masses P of each outcome
 * @param rest what P has on all other outcomes; its loss counts as infinite
 */
public record AtomicPair(double[] losses, double[] masses, double rest) implements LossPair {
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
}
