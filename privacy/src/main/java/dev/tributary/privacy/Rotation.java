package dev.tributary.privacy;

import dev.tributary.privacy.noise.KeyedNoise;
import java.util.HexFormat;

/**
 * The randomised Hadamard rotation H D / sqrt(n) of one block of n = 2^m coordinates (Kairouz, Liu,
 * Steinke 2021, section 4.1), without the factor 1 / sqrt(n): D flips signs by a public key stream
 * of the rotation seed and the block's number, H is the Walsh-Hadamard matrix. H D is its own
 * inverse up to order and the factor n: D H (H D x) = n x.
 */
final class Rotation {
  private static final String PURPOSE = "rotation";

  private final KeyedNoise signs;

  Rotation(String seedHex) {
    signs = new KeyedNoise(HexFormat.of().parseHex(seedHex));
  }

  /** x becomes H D x. */
  void forward(int block, double[] x, int n) {
    flip(block, x, n);
    Hadamard.transform(x, n);
  }

  /** x becomes D H x. */
  void backward(int block, double[] x, int n) {
    Hadamard.transform(x, n);
    flip(block, x, n);
  }

  private void flip(int block, double[] x, int n) {
    try (BitStream bits = signs.open(block, PURPOSE)) {
      for (int from = 0; from < n; from += Long.SIZE) {
        long word = bits.nextLong();
        int to = Math.min(n, from + Long.SIZE);
        for (int i = from; i < to; i++) {
          long sign = word << 63;
          x[i] = Double.longBitsToDouble(Double.doubleToRawLongBits(x[i]) ^ sign);
          word >>>= 1;
        }
      }
    }
  }
}
