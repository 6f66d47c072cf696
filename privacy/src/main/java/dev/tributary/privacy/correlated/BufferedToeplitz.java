package dev.tributary.privacy.correlated;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A buffered linear Toeplitz matrix (BLT; Dvijotham et al. 2024, arXiv 2404.16706; McMahan, Xu,
 * Zhang 2024, arXiv 2408.08868): c_0 = 1, c_t = sum over i of omega_i theta_i^(t-1). Keeps one
 * vector a buffer, however long the run.
 */
public final class BufferedToeplitz implements Strategy {
  /** More gain nothing that can be measured. */
  public static final int MOST_BUFFERS = 4;

  private final double[] omega;
  private final double[] theta;

  /**
   * @param omega 1 to 4 weights, positive, at most 1 together, so that coefficients do not rise
   * @param theta as many decays, each at least 0 and below 1
   */
  public BufferedToeplitz(double[] omega, double[] theta) {
    if (omega.length < 1 || omega.length > MOST_BUFFERS || omega.length != theta.length) {
      throw new IllegalArgumentException(
          "there must be 1 to 4 weights and as many decays, were "
              + omega.length
              + " and "
              + theta.length);
    }
    double sum = 0;
    for (int i = 0; i < omega.length; i++) {
      if (!(omega[i] > 0)) {
        throw new IllegalArgumentException("a weight must be > 0, was " + omega[i]);
      }
      if (!(theta[i] >= 0 && theta[i] < 1)) {
        throw new IllegalArgumentException("a decay must be >= 0 and < 1, was " + theta[i]);
      }
      sum += omega[i];
    }
    if (!(sum <= 1)) {
      throw new IllegalArgumentException("weights must be at most 1 together, were " + sum);
    }
    this.omega = omega.clone();
    this.theta = theta.clone();
  }

  /**
   * The buffers with the least noise on the worst prefix sum for the schedule: minimises {@link
   * #maximumVariance} times {@link #sensitivitySquared} by Nelder and Mead's simplex.
   *
   * @param buffers 1 to 4
   */
  public static BufferedToeplitz optimised(int buffers, Schedule schedule) {
    if (buffers < 1 || buffers > MOST_BUFFERS) {
      throw new IllegalArgumentException("buffers must be 1 to 4, was " + buffers);
    }
    return BufferSearch.best(buffers, schedule);
  }

  /** What stands in the parentheses of {@link #canonical()}. */
  static BufferedToeplitz read(String pairs) {
    String[] each = pairs.split(",", -1);
    if (each.length > MOST_BUFFERS) {
      throw new IllegalArgumentException("buffers must be 1 to 4, was " + each.length);
    }
    double[] omega = new double[each.length];
    double[] theta = new double[each.length];
    for (int i = 0; i < each.length; i++) {
      String[] pair = each[i].split(":", -1);
      if (pair.length != 2) {
        throw new IllegalArgumentException("a buffer has a weight and a decay, was " + each[i]);
      }
      omega[i] = Double.parseDouble(pair[0]);
      theta[i] = Double.parseDouble(pair[1]);
    }
    return new BufferedToeplitz(omega, theta);
  }

  double[] coefficients(int rounds) {
    double[] c = new double[rounds];
    double[] power = omega.clone();
    c[0] = 1;
    for (int t = 1; t < rounds; t++) {
      for (int i = 0; i < power.length; i++) {
        c[t] += power[i];
        power[i] *= theta[i];
      }
    }
    return c;
  }

  @Override
  public String canonical() {
    StringBuilder text = new StringBuilder("buffered-toeplitz(");
    for (int i = 0; i < omega.length; i++) {
      text.append(i == 0 ? "" : ",")
          .append(Double.toHexString(omega[i]))
          .append(':')
          .append(Double.toHexString(theta[i]));
    }
    return text.append(')').toString();
  }

  @Override
  public double sensitivitySquared(Schedule schedule) {
    return Toeplitz.sensitivitySquared(coefficients(schedule.rounds()), schedule);
  }

  @Override
  public double maximumVariance(int rounds) {
    return Toeplitz.squaredNorm(prefixOfInverse(rounds));
  }

  /** Mean over all prefix sums of the variance of their noise, Z having variance 1. */
  public double meanVariance(int rounds) {
    double[] prefix = prefixOfInverse(rounds);
    double sum = 0;
    for (int t = 0; t < rounds; t++) {
      sum += (rounds - t) * prefix[t] * prefix[t];
    }
    return sum / rounds;
  }

  /** As {@link Toeplitz#prefixOfInverse}, by the buffers, in time linear in the rounds. */
  private double[] prefixOfInverse(int rounds) {
    double[] buffer = new double[omega.length];
    double[] prefix = new double[rounds];
    double sum = 0;
    for (int t = 0; t < rounds; t++) {
      double y = t == 0 ? 1 : 0;
      for (int i = 0; i < buffer.length; i++) {
        y -= omega[i] * buffer[i];
      }
      for (int i = 0; i < buffer.length; i++) {
        buffer[i] = theta[i] * buffer[i] + y;
      }
      sum += y;
      prefix[t] = sum;
    }
    return prefix;
  }

  @Override
  public int buffers(int rounds) {
    return omega.length;
  }

  /** y = z - sum of omega_i B_i, then B_i becomes theta_i B_i + y. */
  @Override
  public double[] step(int t, double[][] buffers, Supplier<double[]> fresh) {
    double[] y = fresh.get();
    for (int i = 0; i < omega.length; i++) {
      Toeplitz.subtract(y, omega[i], buffers[i]);
    }
    for (int i = 0; i < omega.length; i++) {
      double[] buffer = buffers[i];
      for (int j = 0; j < y.length; j++) {
        buffer[j] = theta[i] * buffer[j] + y[j];
      }
    }
    return y;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BufferedToeplitz blt
        && Arrays.equals(omega, blt.omega)
        && Arrays.equals(theta, blt.theta);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(omega) + Arrays.hashCode(theta);
  }

  @Override
  public String toString() {
    return canonical();
  }
}
