package dev.tributary.secagg.crypto;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds a secret in shares of which some are wrong: Shamir's shares are words of a Reed-Solomon
 * code, so m of them correct up to floor((m - t) / 2) errors. The decoder is Gao's ("A new
 * algorithm for decoding Reed-Solomon codes", 2003), O(m^2) for each limb, by the extended
 * Euclidean algorithm on the polynomial that vanishes at all points and the one through all shares;
 * it finds what Berlekamp and Welch's linear equations do, in O(m^3).
 *
 * <p>Whether the shares are many enough is not known to the decoder: with more errors it may return
 * another secret, so whoever asks checks it against what its owner committed to. Times depend on
 * values; this is for the coordinator, to whom the shares were sent.
 */
public final class ShareDecoder {

  /** What the shares stand for. Prints nothing of it. */
  public static final class Decoded {

    private final byte[] secret;
    private final BitSet wrong;

    private Decoded(byte[] secret, BitSet wrong) {
      this.secret = secret;
      this.wrong = wrong;
    }

    /** 32 bytes, for the caller to wipe. */
    public byte[] secret() {
      return secret;
    }

    /** Positions among the shares of those that are off. */
    public BitSet wrong() {
      return (BitSet) wrong.clone();
    }

    @Override
    public String toString() {
      return "Decoded[redacted]";
    }
  }

  private final int[] points;
  private final int threshold;
  private final long[] vanishing;
  private final long[] weights;

  /**
   * A decoder for shares at these points.
   *
   * @param points distinct, from 1; at least as many as the threshold
   */
  public ShareDecoder(int[] points, int threshold) {
    if (threshold < 1 || points.length < threshold) {
      throw new IllegalArgumentException(
          "at least " + threshold + " shares are needed. Provided: " + points.length);
    }
    this.points = points.clone();
    this.threshold = threshold;
    this.vanishing = vanishing(points);
    this.weights = new long[points.length];
    for (int i = 0; i < points.length; i++) {
      weights[i] = Field.invert(value(quotient(points[i]), points[i]));
    }
  }

  /** Product of x - a over the points, lowest coefficient first. */
  private static long[] vanishing(int[] points) {
    long[] product = new long[points.length + 1];
    product[0] = 1;
    for (int i = 0; i < points.length; i++) {
      for (int k = i + 1; k >= 0; k--) {
        long lower = k == 0 ? 0 : product[k - 1];
        product[k] = Field.subtract(lower, Field.multiply(product[k], points[i]));
      }
    }
    return product;
  }

  /** The vanishing polynomial without its factor x - a, by synthetic division. */
  private long[] quotient(long a) {
    long[] quotient = new long[points.length];
    long carry = 0;
    for (int k = points.length; k > 0; k--) {
      carry = Field.add(vanishing[k], Field.multiply(carry, a));
      quotient[k - 1] = carry;
    }
    return quotient;
  }

  /**
   * The secret of these shares.
   *
   * @param shares 40 bytes each, all {@link Shamir#isShare}, in the order of the points
   * @return null if more of them are wrong than can be corrected, (m - t) / 2 of m in any one limb;
   *     others may be in another limb, so that all together may be more
   */
  public @Nullable Decoded decode(byte[][] shares) {
    byte[] secret = new byte[Shamir.SECRET_LENGTH];
    BitSet wrong = new BitSet();
    long[] values = new long[points.length];
    for (int limb = 0; limb < Shamir.LIMBS; limb++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Shamir.getLong(shares[i], 8 * limb);
      }
      long[] polynomial = polynomial(values);
      if (polynomial == null
          || !Shamir.putLimb(polynomial.length == 0 ? 0 : polynomial[0], limb, secret)) {
        Arrays.fill(secret, (byte) 0);
        return null;
      }
      mark(polynomial, values, wrong);
    }
    return new Decoded(secret, wrong);
  }

  /** Marks the shares that are off the polynomial. */
  private void mark(long[] polynomial, long[] values, BitSet wrong) {
    for (int i = 0; i < values.length; i++) {
      if (value(polynomial, points[i]) != values[i]) {
        wrong.set(i);
      }
    }
  }

  /**
   * The polynomial of degree below t that all values but at most (m - t) / 2 lie on: at a point
   * where {@code factor} is not 0 the value is the polynomial's, and its degree is m less that of
   * the remainder before, which is at least (m + t) / 2.
   *
   * @return null if there is none
   */
  private long @Nullable [] polynomial(long[] values) {
    long[] remainder = trim(interpolate(values));
    if (remainder.length <= threshold) {
      return remainder;
    }
    long[] before = vanishing;
    long[] factorBefore = {};
    long[] factor = {1};
    while (2 * (remainder.length - 1) >= points.length + threshold) {
      long[] rest = before.clone();
      long[] quotient = divide(rest, remainder);
      long[] next = subtractProduct(factorBefore, quotient, factor);
      before = remainder;
      remainder = trim(rest);
      factorBefore = factor;
      factor = next;
    }
    long[] rest = remainder.clone();
    long[] polynomial = trim(divide(rest, factor));
    return trim(rest).length == 0 && polynomial.length <= threshold ? polynomial : null;
  }

  private long[] interpolate(long[] values) {
    long[] sum = new long[points.length];
    for (int i = 0; i < points.length; i++) {
      long scale = Field.multiply(values[i], weights[i]);
      long carry = 0;
      for (int k = points.length; k > 0; k--) {
        carry = Field.add(vanishing[k], Field.multiply(carry, points[i]));
        sum[k - 1] = Field.add(sum[k - 1], Field.multiply(carry, scale));
      }
    }
    return sum;
  }

  /** The quotient; what remains stays in the dividend. The divisor is trimmed and not zero. */
  private static long[] divide(long[] dividend, long[] divisor) {
    int degree = divisor.length - 1;
    long[] quotient = new long[Math.max(0, dividend.length - degree)];
    long inverse = Field.invert(divisor[degree]);
    for (int k = quotient.length - 1; k >= 0; k--) {
      quotient[k] = Field.multiply(dividend[k + degree], inverse);
      for (int i = 0; i <= degree; i++) {
        dividend[k + i] = Field.subtract(dividend[k + i], Field.multiply(quotient[k], divisor[i]));
      }
    }
    return quotient;
  }

  /** a - b c. */
  private static long[] subtractProduct(long[] a, long[] b, long[] c) {
    long[] result = Arrays.copyOf(a, Math.max(a.length, b.length + c.length - 1));
    for (int i = 0; i < b.length; i++) {
      for (int j = 0; j < c.length; j++) {
        result[i + j] = Field.subtract(result[i + j], Field.multiply(b[i], c[j]));
      }
    }
    return trim(result);
  }

  private static long[] trim(long[] polynomial) {
    int length = polynomial.length;
    while (length > 0 && polynomial[length - 1] == 0) {
      length--;
    }
    return length == polynomial.length ? polynomial : Arrays.copyOf(polynomial, length);
  }

  private static long value(long[] polynomial, long x) {
    long value = 0;
    for (int k = polynomial.length - 1; k >= 0; k--) {
      value = Field.add(Field.multiply(value, x), polynomial[k]);
    }
    return value;
  }
}
