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
