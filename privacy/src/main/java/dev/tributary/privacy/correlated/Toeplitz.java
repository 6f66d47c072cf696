package dev.tributary.privacy.correlated;

/** What a lower triangular Toeplitz matrix C with first column c does to sums over rounds. */
final class Toeplitz {
  private Toeplitz() {}

  /** c_t = binom(2t, t) / 4^t: the square root of the prefix-sum matrix. */
  static double[] squareRoot(int rounds) {
    double[] c = new double[rounds];
    c[0] = 1;
    for (int t = 1; t < rounds; t++) {
      c[t] = c[t - 1] * (2.0 * t - 1) / (2.0 * t);
    }
    return c;
  }

  /**
   * For nonnegative, nonincreasing c the worst pattern starts at once and keeps to the least
   * separation (Kalinin, Lampert 2024, arXiv 2405.13763, Theorem 2): the squared norm of columns 0,
   * s, 2s and so on, added up.
   *
   * @throws IllegalArgumentException if c is neither
   */
  static double sensitivitySquared(double[] c, Schedule schedule) {
    for (int t = 0; t < c.length; t++) {
      if (!(c[t] >= 0 && (t == 0 || c[t] <= c[t - 1]))) {
        throw new IllegalArgumentException(
            "coefficients must be >= 0 and must not rise: coefficient " + t + " is " + c[t]);
      }
    }
    int k = schedule.possible();
    int s = schedule.separation();
    double squared = 0;
    for (int t = 0; t < schedule.rounds(); t++) {
      double sum = 0;
      for (int j = 0; j < k && (long) j * s <= t; j++) {
        int back = t - j * s;
        sum += back < c.length ? c[back] : 0;
      }
      squared += sum * sum;
    }
    return squared;
  }

  /** Row sums of the inverse: w_t = d_0 + .. + d_t, d being the first column of C^-1. */
  static double[] prefixOfInverse(double[] c, int rounds) {
    double[] inverse = new double[rounds];
    double[] prefix = new double[rounds];
    double sum = 0;
    for (int t = 0; t < rounds; t++) {
      double next = t == 0 ? 1 : 0;
      for (int j = 1; j <= t && j < c.length; j++) {
        next -= c[j] * inverse[t - j];
      }
      inverse[t] = next;
      sum += next;
      prefix[t] = sum;
    }
    return prefix;
  }

  /** Squared norm of the last row of A C^-1, which is the largest. */
  static double squaredNorm(double[] prefix) {
    double squared = 0;
    for (double w : prefix) {
      squared += w * w;
    }
    return squared;
  }

  /** z - factor y, in place. */
  static void subtract(double[] z, double factor, double[] y) {
    for (int i = 0; i < z.length; i++) {
      z[i] -= factor * y[i];
    }
  }
}
