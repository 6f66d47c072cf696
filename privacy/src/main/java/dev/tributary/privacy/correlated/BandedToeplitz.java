package dev.tributary.privacy.correlated;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The first {@code bands} diagonals of the square root of the prefix-sum matrix (Kalinin, Lampert
 * 2024, arXiv 2405.13763; Choquette-Choo et al. 2023, arXiv 2306.08153). With no more bands than
 * the schedule's separation, columns of one client do not overlap.
 *
 * @param bands b, 1 for independent noise; b - 1 vectors are kept
 */
public record BandedToeplitz(int bands) implements Strategy {
  public BandedToeplitz {
    if (bands < 1 || bands > Schedule.MOST_ROUNDS) {
      throw new IllegalArgumentException("bands must be 1 to 2^20, was " + bands);
    }
  }

  @Override
  public String canonical() {
    return "banded-toeplitz(bands=" + bands + ")";
  }

  @Override
  public double sensitivitySquared(Schedule schedule) {
    return Toeplitz.sensitivitySquared(Toeplitz.squareRoot(bands), schedule);
  }

  @Override
  public double maximumVariance(int rounds) {
    return Toeplitz.squaredNorm(Toeplitz.prefixOfInverse(Toeplitz.squareRoot(bands), rounds));
  }

  @Override
  public int buffers(int rounds) {
    return Math.min(bands, rounds) - 1;
  }

  /** y_t = z_t - c_1 y_(t-1) - .. - c_(b-1) y_(t-b+1). */
  @Override
  public double[] step(int t, double[][] buffers, Supplier<double[]> fresh) {
    double[] y = fresh.get();
    int kept = buffers.length;
    double[] c = Toeplitz.squareRoot(kept + 1);
    for (int j = 1; j <= kept && j <= t; j++) {
      Toeplitz.subtract(y, c[j], buffers[(t - j) % kept]);
    }
    if (kept > 0) {
      buffers[t % kept] = Arrays.copyOf(y, y.length);
    }
    return y;
  }
}
