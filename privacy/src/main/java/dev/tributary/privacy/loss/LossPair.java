package dev.tributary.privacy.loss;

/**
 * One direction of two neighbouring distributions P and Q of an output, seen through the privacy
 * loss L = ln P/Q. An adversary who wants P from Q sees delta(epsilon) = P[L &gt; epsilon] -
 * e^epsilon Q[L &gt; epsilon].
 */
public interface LossPair {
  /** A loss below which P has at most {@code tail} of its mass. */
  double lowest(double tail);

  /** A loss above which P has at most {@code tail} of its mass. */
  double highest(double tail);

  /** Puts the masses of (P, Q) on a grid, none of them below the truth. */
  void discretise(ConnectTheDots grid);
}
