package dev.tributary.privacy.correlated;

import java.util.function.Supplier;

/**
 * The lower triangular matrix C of a matrix mechanism, and a way to apply its inverse round by
 * round.
 */
public sealed interface Strategy permits BinaryTree, BandedToeplitz, BufferedToeplitz {
  /** Name and parameters, doubles in hexadecimal: two strategies are one if these are equal. */
  String canonical();

  /**
   * Reads {@link #canonical()}.
   *
   * @throws IllegalArgumentException if the text is not exactly that of a strategy
   */
  static Strategy parse(String text) {
    Strategy parsed;
    int open = text.indexOf('(');
    if (open < 0 || !text.endsWith(")")) {
      throw new IllegalArgumentException("no strategy of correlated noise: " + text);
    }
    String inside = text.substring(open + 1, text.length() - 1);
    switch (text.substring(0, open)) {
      case "binary-tree" -> parsed = new BinaryTree(inside.equals("residuals=true"));
      case "banded-toeplitz" ->
          parsed = new BandedToeplitz(Integer.parseInt(inside.replace("bands=", "")));
      case "buffered-toeplitz" -> parsed = BufferedToeplitz.read(inside);
      default -> throw new IllegalArgumentException("no strategy of correlated noise: " + text);
    }
    if (!parsed.canonical().equals(text)) {
      throw new IllegalArgumentException(
          "no strategy of correlated noise: expected " + parsed.canonical() + ", came " + text);
    }
    return parsed;
  }

  /**
   * The squared l2 norm of what one client of l2 norm 1 a round can change of C x, over all of the
   * schedule's patterns.
   */
  double sensitivitySquared(Schedule schedule);

  /** Variance of the noise on the worst of the prefix sums, Z having variance 1. */
  double maximumVariance(int rounds);

  /** Vectors that are kept from round to round. */
  int buffers(int rounds);

  /**
   * The noise of round t on a sum over rounds, row t of A C^-1 Z less row t - 1.
   *
   * @param t number of the round, from 0
   * @param buffers what {@link #buffers} counts, all zero before round 0, updated
   * @param fresh independent draws of Z, one or more of them
   */
  double[] step(int t, double[][] buffers, Supplier<double[]> fresh);
}
