package dev.tributary.privacy;

/**
 * A clip norm that follows a quantile of the norms of updates (Andrew, Thakkar, McMahan, Ramaswamy
 * 2021, arXiv 1905.03871). Each client sends, as one more coordinate of its update, whether the
 * update's norm was within the clip C: b if so, else -b. The noisy share of those within moves the
 * clip: C becomes C exp(-eta (share - gamma)).
 *
 * <p>Update and bit are one vector of norm J = sqrt(C^2 + b^2), which is clipped, rotated, rounded
 * and noised as a whole: one release, whose noise multiplier z is that of J. With b / J = z / (2
 * sigma_b) the update itself gets z_Delta = (z^-2 - (2 sigma_b)^-2)^(-1/2) (Theorem 1 there), and
 * the sum of the bits, in units of 2 b, noise of standard deviation sigma_b. As J over the grid
 * step stays the same, so does the event of a round, whatever C has become.
 *
 * @param quantile gamma, the share of updates that the clip should let through, 0 to 1
 * @param learningRate eta
 * @param noiseMultiplier z, of update and bit together
 * @param bitSigma sigma_b, standard deviation of the noise on the sum of bits of 1/2 and -1/2
 */
public record AdaptiveClip(
    double quantile, double learningRate, double noiseMultiplier, double bitSigma) {
  /** Name of the bit's segment, the last of a pipeline. */
  public static final String SEGMENT = "clip-bit";

  private static final double LEAST = 1e-9;
  private static final double MOST = 1e6;

  public AdaptiveClip {
    if (!(quantile >= 0 && quantile <= 1)) {
      throw new IllegalArgumentException("quantile must be >= 0 and <= 1, was " + quantile);
    }
    Checks.positive("learningRate", learningRate);
    Checks.positive("noiseMultiplier", noiseMultiplier);
    Checks.positive("bitSigma", bitSigma);
    if (!(noiseMultiplier < 2 * bitSigma)) {
      throw new IllegalArgumentException(
          "noiseMultiplier must be < 2 bitSigma = "
              + 2 * bitSigma
              + ", was "
              + noiseMultiplier
              + ": the bits alone would cost more than both may. Raise bitSigma");
    }
  }

  /** z_Delta, the noise multiplier of the update. */
  public double updateNoiseMultiplier() {
    double z = noiseMultiplier;
    double bit = 2 * bitSigma;
    return 1 / Math.sqrt(1 / (z * z) - 1 / (bit * bit));
  }

  /** J, the clip norm of update and bit together. */
  public double jointNorm(double clipNorm) {
    double part = part();
    return clipNorm / Math.sqrt((1 - part) * (1 + part));
  }

  /** b, what the bit adds to a vector of this joint norm. */
  public double bit(double jointNorm) {
    return part() * jointNorm;
  }

  private double part() {
    return noiseMultiplier / (2 * bitSigma);
  }

  /**
   * What a client encodes: its update, clipped to C = sqrt(J^2 - b^2), and its bit. An update with
   * a NaN or an infinity stays one, which {@link UpdatePipeline#encode} sends as zero.
   *
   * @param update float32[d], not changed
   * @param jointNorm J, the pipeline's clip norm
   * @param bit b, above 0 and below J
   * @return float32[d + 1]
   */
  public static float[] joint(float[] update, double jointNorm, double bit) {
    if (!(bit > 0 && bit < jointNorm)) {
      throw new IllegalArgumentException(
          "bit must be > 0 and < the joint norm " + jointNorm + ", was " + bit);
    }
    double clipNorm = Math.sqrt((jointNorm - bit) * (jointNorm + bit));
    double squared = 0;
    for (float u : update) {
      squared += (double) u * u;
    }
    double norm = Math.sqrt(squared);
    boolean within = norm <= clipNorm;
    double factor = within ? 1 : clipNorm / norm;
    float[] joint = new float[update.length + 1];
    for (int i = 0; i < update.length; i++) {
      joint[i] = (float) (update[i] * factor);
    }
    joint[update.length] = (float) (within ? bit : -bit);
    return joint;
  }

  /**
   * The clip norm of the next round, kept within 1e-9 and 1e6. A sum that is no number leaves it.
   *
   * @param sum of the bits, b or -b each, with its noise
   * @param bit b
   * @param expected the fixed number that the sum is divided by, never the number that came
   */
  public double next(double clipNorm, double sum, double bit, int expected) {
    Checks.atLeast("expected", 1, expected);
    double next = next(clipNorm, 0.5 * sum / bit / expected + 0.5);
    return Double.isNaN(next) ? clipNorm : Math.max(LEAST, Math.min(MOST, next));
  }

  /** C exp(-eta (share - gamma)), share being the noisy share of updates within the clip. */
  double next(double clipNorm, double share) {
    Checks.positive("clipNorm", clipNorm);
    return clipNorm * Math.exp(-learningRate * (share - quantile));
  }
}
