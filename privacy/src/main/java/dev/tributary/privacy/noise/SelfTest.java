package dev.tributary.privacy.noise;

import java.util.HexFormat;
import java.util.function.IntToDoubleFunction;

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

  /** exp(-4) I_k(4): the Skellam distribution of variance 4, by mpmath 1.3.0. */
  private static final double[] SKELLAM_4 = {
    0.207001921224, 0.178750839502, 0.117626501473, 0.0611243380297, 0.0259399944283,
    0.00924434917313, 0.00282912149545, 0.000756984686772, 0.000179675091751, 3.82843197663e-5,
    7.39565280292e-6, 1.3060557517e-6, 2.12346168546e-7, 3.19787404312e-8, 4.48435574286e-9,
    5.88250231196e-10, 7.24790088883e-11, 8.41816008897e-12, 9.2464813211e-13
  };

  private SelfTest() {}

  /**
   * Throws unless everything held.
   *
   * @throws IllegalStateException naming what failed
   */
  static void require() {
    if (!Once.failure.isEmpty()) {
      throw new IllegalStateException(
          "the self-test of the noise failed: " + Once.failure + ". No noise can be drawn here");
    }
  }

  private static final class Once {
    /** Not final: a test writes a failure here, and sees that no source is given out. */
    private static String failure = run();

    private Once() {}
  }

  /** What is wrong, or nothing. */
  static String run() {
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
      IntToDoubleFunction gaussian = k -> Math.exp(-0.5 * k * k / (sigma * sigma));
      double misfit = misfit(new TwoLevelGaussian(sigma), sigma, gaussian, key);
      if (!(misfit < LIMIT)) {
        return "chi-square " + misfit + " of the discrete Gaussian at sigma " + sigma;
      }
      IntToDoubleFunction laplace = k -> Math.exp(-Math.abs(k) / sigma);
      misfit = misfit(new TwoLevelLaplace(sigma), 2 * sigma, laplace, key);
      if (!(misfit < LIMIT)) {
        return "chi-square " + misfit + " of the discrete Laplace at scale " + sigma;
      }
    }
    double misfit = misfit(new TabledSkellam(4), 2, k -> SKELLAM_4[Math.abs(k)], key);
    return misfit < LIMIT ? "" : "chi-square " + misfit + " of the Skellam of variance 4";
  }

  /** Chi-square over cells of half a sigma from -4 to 4 sigma, the outermost open. */
  static double misfit(IntegerNoise noise, double sigma, IntToDoubleFunction weight, byte[] key) {
    int[] seen = new int[CELLS];
    try (AesCtrStream stream = new AesCtrStream(key)) {
      for (int i = 0; i < DRAWS; i++) {
        seen[cell(noise.sample(stream), sigma)]++;
      }
    }
    double[] weights = new double[CELLS];
    double total = 0;
    for (int k = (int) (-9 * sigma); k <= 9 * sigma; k++) {
      double p = weight.applyAsDouble(k);
      weights[cell(k, sigma)] += p;
      total += p;
    }
    double misfit = 0;
    for (int c = 0; c < CELLS; c++) {
      double expected = DRAWS * weights[c] / total;
      misfit += (seen[c] - expected) * (seen[c] - expected) / expected;
    }
    return misfit;
  }

  private static int cell(long value, double sigma) {
    int cell = (int) Math.floor(value / sigma * 2) + CELLS / 2;
    return Math.max(0, Math.min(CELLS - 1, cell));
  }
}
