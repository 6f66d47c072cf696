package dev.tributary.privacy;

import dev.tributary.privacy.noise.IntegerNoise;
import java.util.List;

/**
 * A clip norm that follows a quantile of the norms of updates (Andrew, Thakkar, McMahan, Ramaswamy
 * 2021, arXiv 1905.03871). Each client sends, beside its update, whether the update's norm was
 * within the clip: b = 1/2 if so, else -1/2. The noisy share of those within moves the clip: C
 * becomes C exp(-eta (share - gamma)).
 *
 * <p>The bit is part of what is released, and its noise part of z (Theorem 1 there): the update
 * gets z_Delta = (z^-2 - (2 sigma_b)^-2)^(-1/2), so that both together cost what z costs alone. As
 * z, sigma_b and gridStep / C stay the same, so does the event of a round, whatever C has become.
 *
 * <p>The bit has a grid of its own, of 2^-(k+1): it is 2^k or -2^k, zero in its place is a distance
 * of 2^k, and k is the least at which a noise share is two grid steps wide, so that shares add up
 * to a Gaussian (tau below 1e-15 n_min).
 *
 * @param quantile gamma, the share of updates that the clip should let through, 0 to 1
 * @param learningRate eta
 * @param noiseMultiplier z, of update and bit together
 * @param bitSigma sigma_b, standard deviation of the noise of n_min shares on the sum of the bits
 * @param minimumHonest n_min
 */
public record AdaptiveClip(
    double quantile,
    double learningRate,
    double noiseMultiplier,
    double bitSigma,
    int minimumHonest) {
  private static final double LEAST_SHARE = 2;

  public AdaptiveClip {
    if (!(quantile >= 0 && quantile <= 1)) {
      throw new IllegalArgumentException("quantile must be >= 0 and <= 1, was " + quantile);
    }
    Checks.positive("learningRate", learningRate);
    Checks.positive("noiseMultiplier", noiseMultiplier);
    Checks.positive("bitSigma", bitSigma);
    Checks.atLeast("minimumHonest", 1, minimumHonest);
    if (!(noiseMultiplier < 2 * bitSigma)) {
      throw new IllegalArgumentException(
          "noiseMultiplier must be < 2 bitSigma = "
              + 2 * bitSigma
              + ", was "
              + noiseMultiplier
              + ": the bits alone would cost more than both may. Raise bitSigma");
    }
  }

  /** eta = 0.2, gamma = 1/2 and sigma_b = n / 20, the values of the paper's experiments. */
  public static AdaptiveClip median(double noiseMultiplier, int contributors, int minimumHonest) {
    return new AdaptiveClip(0.5, 0.2, noiseMultiplier, contributors / 20.0, minimumHonest);
  }

  /** z_Delta, the noise multiplier of the update. */
  public double updateNoiseMultiplier() {
    double z = noiseMultiplier;
    double bit = 2 * bitSigma;
    return 1 / Math.sqrt(1 / (z * z) - 1 / (bit * bit));
  }

  /**
   * What a round releases about one client: its update, and its bit.
   *
   * @param update pipeline with noise shares for the same n_min and {@link #updateNoiseMultiplier}
   * @throws IllegalArgumentException if it has others
   */
  public List<PrivacyEvent> events(PipelineSpec update) {
    if (!(update.mechanism() instanceof Mechanism.Distributed shares)
        || shares.minimumHonest() != minimumHonest
        || shares.noiseMultiplier() != updateNoiseMultiplier()) {
      throw new IllegalArgumentException(
          "the update must have noise shares for "
              + minimumHonest
              + " and the noise multiplier "
              + updateNoiseMultiplier()
              + ", was "
              + update.mechanism());
    }
    return List.of(
        update.event(),
        new PrivacyEvent.DistributedDiscreteGaussian(bit(), share(), minimumHonest, 1));
  }

  /** 2^k, the bit in grid units. */
  private double bit() {
    double share = 2 * bitSigma / Math.sqrt(minimumHonest);
    double bit = 1;
    while (share * bit < LEAST_SHARE) {
      bit *= 2;
    }
    return bit;
  }

  /** Standard deviation of one client's noise on its bit, in grid units. */
  private double share() {
    return bit() * 2 * bitSigma / Math.sqrt(minimumHonest);
  }

  /**
   * What a client sends beside its update: its bit and a noise share, in grid units. A norm that is
   * no number counts as too large.
   *
   * @param norm l2 norm of the update before clipping
   * @param noise purpose {@code encode/clip-bit}
   */
  public long encode(double norm, double clipNorm, NoiseSource noise) {
    long bit = (long) bit();
    try (BitStream bits = noise.open("encode/clip-bit")) {
      long share = IntegerNoise.discreteGaussian(share()).sample(bits);
      return norm <= clipNorm ? share + bit : share - bit;
    }
  }

  /**
   * The clip norm of the next round.
   *
   * @param sum of what clients sent, in grid units
   * @param expected the fixed number that the sum is divided by, never the number that came
   */
  public double next(double clipNorm, long sum, int expected) {
    Checks.atLeast("expected", 1, expected);
    return next(clipNorm, 0.5 * sum / bit() / expected + 0.5);
  }

  /** C exp(-eta (share - gamma)), share being the noisy share of updates within the clip. */
  double next(double clipNorm, double share) {
    Checks.positive("clipNorm", clipNorm);
    return clipNorm * Math.exp(-learningRate * (share - quantile));
  }
}
