package dev.tributary.privacy;

import dev.tributary.privacy.noise.IntegerNoise;
import java.util.Arrays;

/**
 * A sum of vectors of bounded norm with discrete Gaussian noise, on an integer grid: the release of
 * differentially private SGD (Abadi et al. 2016, Algorithm 1), where each vector is the clipped
 * gradient of one example. Vectors are rounded as {@link UpdatePipeline} rounds updates; the norm
 * check after rounding is what proves the sensitivity, and what fails it counts as zero.
 *
 * <p>One object is one release: it takes vectors, gives one noisy sum, and is over. An empty batch
 * releases noise, and is charged. Not safe for use by several threads.
 *
 * <p>Symbols: C clip norm, z noise multiplier, d length, gamma = C 2^-k grid step.
 */
public final class NoisySum {
  /** Rounding adds at most a 4096th to the squared norm. */
  private static final double INFLATION = 1 + 0x1p-12;

  private static final int FINEST = 24;

  private final double clipNorm;
  private final int exponent;
  private final double bound;
  private final double noiseMultiplier;
  private final StochasticRounding rounding;
  private final long[] sum;
  private final int[] rounded;
  private final float[] scaled;
  private boolean released;

  /**
   * @param length d
   * @param clipNorm C, l2 bound of one vector; longer ones are scaled down to it
   * @param noiseMultiplier z = standard deviation of the noise / C
   */
  public NoisySum(int length, double clipNorm, double noiseMultiplier) {
    Checks.atLeast("length", 1, length);
    this.clipNorm = Checks.positive("clipNorm", clipNorm);
    this.noiseMultiplier = Checks.positive("noiseMultiplier", noiseMultiplier);
    int k = 0;
    while (k < FINEST && inflation(k, length) > INFLATION) {
      k++;
    }
    exponent = k;
    bound = RoundedNorm.l2Bound(Math.scalb(1.0, k), RoundedNorm.BETA, length);
    rounding = new StochasticRounding(bound);
    sum = new long[length];
    rounded = new int[length];
    scaled = new float[length];
  }

  private static double inflation(int k, int length) {
    double ratio =
        Math.scalb(RoundedNorm.l2Bound(Math.scalb(1.0, k), RoundedNorm.BETA, length), -k);
    return ratio * ratio;
  }

  /** What the release tells about one vector; unit and sampling are the caller's to say. */
  public PrivacyEvent event() {
    return new PrivacyEvent.DiscreteGaussian(bound, sigma());
  }

  private double sigma() {
    return Math.scalb(noiseMultiplier, exponent);
  }

  /**
   * Adds one vector, clipped. NaN or infinity in it makes it zero.
   *
   * @param vector float32[d], not changed
   * @param noise bits for the rounding
   * @throws IllegalStateException after the release
   */
  public void add(float[] vector, BitStream noise) {
    checkOpen();
    if (vector.length != sum.length) {
      throw new IllegalArgumentException(
          "a vector holds " + sum.length + " floats here, was " + vector.length);
    }
    double squared = 0;
    for (float v : vector) {
      squared += (double) v * v;
    }
    double norm = Math.sqrt(squared);
    if (!(norm < Double.POSITIVE_INFINITY)) {
      return;
    }
    double scale = Math.scalb(norm > clipNorm ? 1 / norm : 1 / clipNorm, exponent);
    for (int i = 0; i < vector.length; i++) {
      scaled[i] = (float) (vector[i] * scale);
    }
    if (rounding.round(scaled, rounded, noise)) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += rounded[i];
      }
    }
  }

  /**
   * The noisy sum over a fixed number: the mean, if as many vectors came as were expected.
   *
   * @param expected what the sum is divided by: the expected batch, never the one that came
   * @param noise purpose {@code sum/noise}
   * @return float32[d]
   * @throws IllegalStateException the second time
   */
  public float[] release(double expected, NoiseSource noise) {
    Checks.positive("expected", expected);
    checkOpen();
    released = true;
    double step = Math.scalb(clipNorm, -exponent) / expected;
    float[] mean = new float[sum.length];
    IntegerNoise gaussian = IntegerNoise.discreteGaussian(sigma());
    try (BitStream bits = noise.open("sum/noise")) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) ((sum[i] + gaussian.sample(bits)) * step);
      }
    }
    Arrays.fill(sum, 0);
    Arrays.fill(rounded, 0);
    Arrays.fill(scaled, 0);
    return mean;
  }

  private void checkOpen() {
    if (released) {
      throw new IllegalStateException(
          "this sum was released already. Make a new one, charged anew");
    }
  }
}
