package dev.tributary.nn;

/**
 * Functions of one float made of multiplication, addition and fused multiply-add alone. Those are
 * exact by the language's rules, so interpreter, compiler and every processor give the same bits;
 * {@link Math#exp} does not promise that. Polynomials: S. Moshier, Cephes, expf and tanhf.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients as published
public final class FloatMath {
  private static final float LOG2_E = 1.44269504088896341f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float ROUND = 12_582_912f; // 1.5 * 2^23
  private static final float LOWEST = -87.33f; // below, e^x is taken for 0
  private static final float HIGHEST = 88.72f; // above, for infinity

  private FloatMath() {}

  /** e^x within 2 ulp; below -87.33 exactly 0, above 88.72 infinity, NaN for NaN. */
  public static float exp(float x) {
    if (!(x >= LOWEST)) {
      return x < LOWEST ? 0f : x;
    }
    if (x > HIGHEST) {
      return Float.POSITIVE_INFINITY;
    }
    float n = Math.fma(x, LOG2_E, ROUND) - ROUND;
    float r = Math.fma(n, -LN2_HIGH, x);
    r = Math.fma(n, -LN2_LOW, r);
    float p = 1.9875691500e-4f;
    p = Math.fma(p, r, 1.3981999507e-3f);
    p = Math.fma(p, r, 8.3334519073e-3f);
    p = Math.fma(p, r, 4.1665795894e-2f);
    p = Math.fma(p, r, 1.6666665459e-1f);
    p = Math.fma(p, r, 5.0000001201e-1f);
    float e = Math.fma(p, r * r, r) + 1f;
    int half = (int) n >> 1;
    return e * powerOfTwo(half) * powerOfTwo((int) n - half);
  }

  /** 1 / (1 + e^-x). */
  public static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /** The hyperbolic tangent. */
  public static float tanh(float x) {
    float size = Math.abs(x);
    if (size < 0.625f) {
      float z = x * x;
      float p = -5.70498872745e-3f;
      p = Math.fma(p, z, 2.06390887954e-2f);
      p = Math.fma(p, z, -5.37397155531e-2f);
      p = Math.fma(p, z, 1.33314422036e-1f);
      p = Math.fma(p, z, -3.33332819422e-1f);
      return Math.fma(p * z, x, x);
    }
    float t = 1f - 2f / (exp(size + size) + 1f);
    return Math.copySign(t, x);
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }
}
