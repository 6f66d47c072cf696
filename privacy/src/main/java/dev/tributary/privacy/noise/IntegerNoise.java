package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;

/**
 * A distribution on the integers. Immutable; safe for use by several threads, each with its own
 * stream.
 */
public interface IntegerNoise {
  /** One draw. */
  long sample(BitStream bits);

  /**
   * The discrete Gaussian P(k) ~ exp(-k^2 / (2 sigma^2)), sigma being exactly the given double: by
   * tables where they reach, else by {@link CanonneKamathSteinke}.
   *
   * @param sigma greater than 0, finite
   */
  static IntegerNoise discreteGaussian(double sigma) {
    return sigma < TwoLevelGaussian.SIGMA_LIMIT
        ? new TwoLevelGaussian(sigma)
        : new CanonneKamathSteinke(sigma);
  }

  /**
   * The discrete Laplace P(k) ~ exp(-|k| / scale), scale being exactly the given double.
   *
   * @param scale greater than 0, below 2^30
   */
  static IntegerNoise discreteLaplace(double scale) {
    return new TwoLevelLaplace(scale);
  }

  /**
   * The Skellam distribution Poisson(variance / 2) - Poisson(variance / 2), variance being exactly
   * the given double: by one table up to 2^28, beyond by sums of as many draws as it is times 2^26
   * to 2^28.
   *
   * @param variance 2^-10 to 2^40
   */
  static IntegerNoise skellam(double variance) {
    if (!(variance >= 0x1p-10 && variance <= SummedSkellam.VARIANCE_LIMIT)) {
      throw new IllegalArgumentException("variance must be >= 2^-10 and <= 2^40, was " + variance);
    }
    return variance <= TabledSkellam.VARIANCE_LIMIT
        ? new TabledSkellam(variance)
        : new SummedSkellam(variance);
  }
}
