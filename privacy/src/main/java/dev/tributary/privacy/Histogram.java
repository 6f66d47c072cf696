package dev.tributary.privacy;

import java.util.Arrays;

/**
 * A histogram over clients, summed with their updates. Each client puts u at the bin that it is in
 * and 0 at the others, behind the rest of what it sends. A bin's sum over u is the number of
 * clients in it.
 *
 * <p>Rest and bins are one vector of norm J = sqrt(R^2 + u^2), R being the clip norm of the rest,
 * which is clipped, rotated, rounded and noised as a whole: one release, whose noise multiplier z
 * is that of J. Each count gets noise of standard deviation sigma = z J / u, in clients, and the
 * rest the noise multiplier z J / R = (z^-2 - sigma^-2)^(-1/2), as with the bit of {@link
 * AdaptiveClip}.
 *
 * @param part u / J, above 0 and below 1
 */
public record Histogram(double part) {
  /** u = R, for sums without noise. */
  public static final Histogram EXACT = new Histogram(Math.sqrt(0.5));

  /** sigma = 3 z: the rest gets 6 % more noise. */
  public static final Histogram THIRD = new Histogram(1.0 / 3);

  public Histogram {
    if (!(part > 0 && part < 1)) {
      throw new IllegalArgumentException("part must be > 0 and < 1, was " + part);
    }
  }

  /**
   * The one whose counts get this noise.
   *
   * @param noiseMultiplier z, of rest and bins together
   * @param sigma standard deviation of the noise on a count, in clients; above z
   */
  public static Histogram ofNoise(double noiseMultiplier, double sigma) {
    Checks.positive("noiseMultiplier", noiseMultiplier);
    if (!(noiseMultiplier < sigma)) {
      throw new IllegalArgumentException(
          "the noise on a count must be > noiseMultiplier = "
              + noiseMultiplier
              + ", was "
              + sigma
              + ": the bins alone would cost more than all may");
    }
    return new Histogram(noiseMultiplier / sigma);
  }

  /** Standard deviation of the noise on a count, in clients. */
  public double sigma(double noiseMultiplier) {
    return noiseMultiplier / part;
  }

  /** z J / R, the noise multiplier of the rest. */
  public double restNoiseMultiplier(double noiseMultiplier) {
    return noiseMultiplier / Math.sqrt((1 - part) * (1 + part));
  }

  /** J. */
  public double jointNorm(double restNorm) {
    return restNorm / Math.sqrt((1 - part) * (1 + part));
  }

  /** u, what a client puts at its bin. */
  public double unit(double jointNorm) {
    return part * jointNorm;
  }

  /**
   * R = sqrt(J^2 - u^2).
   *
   * @param unit u, at least 0 and below J; 0 where there is no histogram
   */
  public static double restNorm(double jointNorm, double unit) {
    if (!(unit >= 0 && unit < jointNorm)) {
      throw new IllegalArgumentException(
          "unit must be >= 0 and < the joint norm " + jointNorm + ", was " + unit);
    }
    return unit == 0 ? jointNorm : Math.sqrt((jointNorm - unit) * (jointNorm + unit));
  }

  /**
   * What a client encodes: the rest, clipped to R, and its bin. A rest with a NaN or an infinity
   * stays one, which {@link UpdatePipeline#encode} sends as zero.
   *
   * @param rest float32[d], not changed
   * @param bin from 0; below 0 for a client that is in none
   * @return float32[d + bins]
   */
  public static float[] joint(float[] rest, double jointNorm, double unit, int bins, int bin) {
    double restNorm = restNorm(jointNorm, unit);
    if (bin >= bins) {
      throw new IllegalArgumentException("bin must be < " + bins + ", was " + bin);
    }
    double squared = 0;
    for (float r : rest) {
      squared += (double) r * r;
    }
    double norm = Math.sqrt(squared);
    double factor = norm <= restNorm ? 1 : restNorm / norm;
    float[] joint = new float[rest.length + bins];
    for (int i = 0; i < rest.length; i++) {
      joint[i] = (float) (rest[i] * factor);
    }
    if (bin >= 0) {
      joint[rest.length + bin] = (float) unit;
    }
    return joint;
  }

  /**
   * The counts nearest to the noisy ones that could be counts: none below 0, and their sum that of
   * the noisy ones, 0 at least. Noise is the same in every bin, so these are also the likeliest
   * (projection onto a simplex: Duchi et al. 2008, figure 1).
   *
   * @param sums of what clients put at each bin, with noise; not changed
   * @return clients in each bin
   */
  public static double[] counts(float[] sums, double unit) {
    double[] noisy = new double[sums.length];
    double total = 0;
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = sums[i] / unit;
      total += noisy[i];
    }
    double[] sorted = noisy.clone();
    Arrays.sort(sorted);
    double above = 0;
    double shift = 0;
    for (int taken = 1; taken <= sorted.length; taken++) {
      double next = sorted[sorted.length - taken];
      above += next;
      double candidate = (above - Math.max(0, total)) / taken;
      if (next > candidate) {
        shift = candidate;
      }
    }
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = total > 0 ? Math.max(0, noisy[i] - shift) : 0;
    }
    return noisy;
  }
}
