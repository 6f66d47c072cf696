package dev.tributary.secagg.crypto;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Shamir's sharing of a 32-byte secret over GF(2^61 - 1) (section 3): five limbs, big-endian, of 7,
 * 7, 7, 7 and 4 bytes; the share at x is the five values f_k(x), eight bytes each, big-endian; x is
 * the holder's roster index + 1. Coefficients are uniform in [0, p) and the leading one may be 0.
 */
public final class Shamir {

  /** Bytes of a secret. */
  public static final int SECRET_LENGTH = 32;

  /** Bytes of a share. */
  public static final int SHARE_LENGTH = 40;

  /** Limbs of a secret. */
  static final int LIMBS = 5;

  private static final int LIMB_BYTES = 7;

  private Shamir() {}

  /**
   * Shares for n points.
   *
   * @param threshold shares that reconstruct the secret
   * @param points x of each share, distinct, from 1
   * @param shares receives the share of points[i] at {@code [40 i, 40 i + 40)}
   */
  public static void split(
      byte[] secret, int threshold, int[] points, SecretStream random, byte[] shares) {
    int n = points.length;
    if (secret.length != SECRET_LENGTH || shares.length != n * SHARE_LENGTH) {
      throw new IllegalArgumentException("a secret has 32 bytes, and n shares 40 n");
    }
    if (threshold < 1 || threshold > n) {
      throw new IllegalArgumentException(
          "threshold must be 1 to " + n + ". Provided: " + threshold);
    }
    long[] polynomial = new long[threshold];
    for (int limb = 0; limb < LIMBS; limb++) {
      polynomial[0] = limb(secret, limb);
      for (int k = 1; k < threshold; k++) {
        polynomial[k] = uniform(random);
      }
      for (int i = 0; i < n; i++) {
        putLong(evaluate(polynomial, points[i]), shares, i * SHARE_LENGTH + 8 * limb);
      }
    }
    Arrays.fill(polynomial, 0);
  }

  private static long evaluate(long[] polynomial, long x) {
    long value = 0;
    for (int k = polynomial.length - 1; k >= 0; k--) {
      value = Field.add(Field.multiply(value, x), polynomial[k]);
    }
    return value;
  }

  /** Uniform in [0, p): 61 bits, drawn again if they are p. */
  private static long uniform(SecretStream random) {
    long value;
    do {
      value = random.nextLong() & Field.P;
    } while (value == Field.P);
    return value;
  }

  /** True if all five limbs are below p. */
  public static boolean isShare(byte[] bytes, int at) {
    if (at < 0 || at + SHARE_LENGTH > bytes.length) {
      return false;
    }
    boolean good = true;
    for (int limb = 0; limb < LIMBS; limb++) {
      long value = getLong(bytes, at + 8 * limb);
      good &= value >= 0 && value < Field.P;
    }
    return good;
  }

  /**
   * Lagrange's weights at 0 for these points.
   *
   * @param points distinct, from 1
   */
  public static long[] weights(int[] points) {
    long[] weights = new long[points.length];
    for (int i = 0; i < points.length; i++) {
      long numerator = 1;
      long denominator = 1;
      for (int j = 0; j < points.length; j++) {
        if (j != i) {
          numerator = Field.multiply(numerator, points[j]);
          denominator = Field.multiply(denominator, Field.subtract(points[j], points[i]));
        }
      }
      weights[i] = Field.multiply(numerator, Field.invert(denominator));
    }
    return weights;
  }

  /**
   * The secret of as many shares as there are weights.
   *
   * @param weights of {@link #weights} for the shares' points, in their order
   * @param shares 40 bytes each, all {@link #isShare}
   * @return 32 bytes, or null if the limbs are out of range: then some share is wrong
   */
  public static byte @Nullable [] combine(long[] weights, byte[][] shares) {
    byte[] secret = new byte[SECRET_LENGTH];
    for (int limb = 0; limb < LIMBS; limb++) {
      long value = 0;
      for (int i = 0; i < weights.length; i++) {
        value = Field.add(value, Field.multiply(weights[i], getLong(shares[i], 8 * limb)));
      }
      if (!putLimb(value, limb, secret)) {
        Arrays.fill(secret, (byte) 0);
        return null;
      }
    }
    return secret;
  }

  /** Writes a recovered limb; false if it is out of range. */
  static boolean putLimb(long value, int limb, byte[] secret) {
    int bytes = limbBytes(limb);
    for (int b = 0; b < bytes; b++) {
      secret[limb * LIMB_BYTES + b] = (byte) (value >>> (8 * (bytes - 1 - b)));
    }
    return value >>> (8 * bytes) == 0;
  }

  private static int limbBytes(int limb) {
    return limb == LIMBS - 1 ? SECRET_LENGTH - LIMB_BYTES * (LIMBS - 1) : LIMB_BYTES;
  }

  private static long limb(byte[] secret, int limb) {
    long value = 0;
    for (int b = 0; b < limbBytes(limb); b++) {
      value = (value << 8) | (secret[limb * LIMB_BYTES + b] & 0xFF);
    }
    return value;
  }

  private static void putLong(long value, byte[] into, int at) {
    for (int b = 0; b < 8; b++) {
      into[at + b] = (byte) (value >>> (56 - 8 * b));
    }
  }

  static long getLong(byte[] from, int at) {
    long value = 0;
    for (int b = 0; b < 8; b++) {
      value = (value << 8) | (from[at + b] & 0xFF);
    }
    return value;
  }
}
