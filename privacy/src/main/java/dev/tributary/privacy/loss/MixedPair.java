package dev.tributary.privacy.loss;

/**
 * One of two pairs, and everybody can tell which: the other with probability {@code weight}, the
 * one else. By joint convexity it dominates the mixture in which nobody can tell.
 */
public record MixedPair(LossPair one, LossPair other, double weight) implements LossPair {
  @Override
  public double lowest(double tail) {
    return Math.min(one.lowest(tail), other.lowest(tail));
  }

  @Override
  public double highest(double tail) {
    double most = one.highest(tail);
    return tail < weight ? Math.max(most, other.highest(tail / weight)) : most;
  }

  @Override
  public void discretise(ConnectTheDots grid) {
    grid.add(one, 1 - weight);
    grid.add(other, weight);
  }
}
