package dev.tributary.privacy.noise;

import java.util.HexFormat;

/**
 * What must hold before noise is drawn for real: the cipher gives the published keystream, and the
 * samplers fit their distributions. Runs once per JVM, on a fixed key, so it either always passes
 * or has found a fault.
 */
final class SelfTest {
  /**
   * AES-256 of the counter blocks 0 and 1 under the zero key (NIST AESAVS; GCM specification, test
   * case 13).
   */
  private static final String ZERO_KEY_STREAM =
      "dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b";

  private static final int DRAWS = 1 << 14;
  private static final int CELLS = 16;

  /**
   * Chance that a chi-square with 16 degrees of freedom passes 60: 5e-7, for one key chosen before.
   */
  private static final double LIMIT = 60;

  private SelfTest() {}

  /**
   * Throws unless everything held.
   *
   * @throws IllegalStateException naming what failed
   */
  static void require() {
    if (!Once.FAILURE.isEmpty()) {
      throw new IllegalStateException(
          "the self-test of the noise failed: " + Once.FAILURE + ". No noise can be drawn here");
    }
  }

  private static final class Once {
    static final String FAILURE = run();

    private Once() {}
  }

  private static String run() {
    byte[] key = new byte[AesCtrStream.KEY_BYTES];
    byte[] expected = HexFormat.of().parseHex(ZERO_KEY_STREAM);
    try (AesCtrStream stream = new AesCtrStream(key)) {
      for (int at = 0; at < expected.length; at += Long.BYTES) {
        long word = stream.nextLong();
        for (int i = 0; i < Long.BYTES; i++) {
          if ((byte) (word >>> (8 * i)) != expected[at + i]) {
            return "AES-256-CTR is not AES-256-CTR";
          }
        }
      }
    }
    for (double sigma : new double[] {2.5, 300}) {
      double misfit = misfit(new TwoLevelGaussian(sigma), sigma, key);
      if (!(misfit < LIMIT)) {
        return "chi-square " + misfit + " of the discrete Gaussian at sigma " + sigma;
      }
    }
    return "";
  }

  /** Chi-square over cells of half a sigma from -4 to 4 sigma, the outermost open. */
  static double misfit(IntegerNoise noise, double sigma, byte[] key) {
    int[] seen = new int[CELLS];
    try (AesCtrStream stream = new AesCtrStream(key)) {
      for (int i = 0; i < DRAWS; i++) {
        seen[cell(noise.sample(stream), sigma)]++;
      }
    }
    double[] weight = new double[CELLS];
    double total = 0;
    for (int k = (int) (-9 * sigma); k <= 9 * sigma; k++) {
      double p = Math.exp(-0.5 * k * k / (sigma * sigma));
      weight[cell(k, sigma)] += p;
      total += p;
    }
    double misfit = 0;
    for (int c = 0; c < CELLS; c++) {
      double expected = DRAWS * weight[c] / total;
      misfit += (seen[c] - expected) * (seen[c] - expected) / expected;
    }
    return misfit;
  }

  private static int cell(long value, double sigma) {
    int cell = (int) Math.floor(value / sigma * 2) + CELLS / 2;
    return Math.max(0, Math.min(CELLS - 1, cell));
  }
}
