package dev.tributary.nn;

/**
 * Functions of one float made of multiplication, addition and fused multiply-add alone. Those are
 * exact by the language's rules, so interpreter, compiler and every processor give the same bits;
 * {@link Math#exp} does not promise that. Polynomials: S. Moshier, Cephes, expf, tanhf and erff.
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

  /** e^x - 1 without cancellation near 0. */
  public static float expm1(float x) {
    if (Math.abs(x) > 0.5f) {
      return exp(x) - 1f;
    }
    // The series to x^7 / 7!; the next term is below 2^-24 of the sum.
    float p = 1.9841269841e-4f;
    p = Math.fma(p, x, 1.3888888889e-3f);
    p = Math.fma(p, x, 8.3333333333e-3f);
    p = Math.fma(p, x, 4.1666666667e-2f);
    p = Math.fma(p, x, 1.6666666667e-1f);
    p = Math.fma(p, x, 0.5f);
    return Math.fma(p * x, x, x);
  }

  /** ln(1 + x) for x in [0, 1]: 2 artanh(x / (x + 2)), whose series ends at the 17th power. */
  public static float log1p(float x) {
    float t = x / (x + 2f);
    float z = t * t;
    float p = 1f / 17f;
    for (int odd = 15; odd >= 1; odd -= 2) {
      p = Math.fma(p, z, 1f / odd);
    }
    return 2f * t * p;
  }

  /** The distribution function of the standard normal, (1 + erf(x / sqrt 2)) / 2. */
  public static float normal(float x) {
    float size = Math.abs(x) * 0.70710678118654752f;
    if (size < 1f) {
      float z = size * size;
      float p = 7.853861353153693e-5f;
      p = Math.fma(p, z, -8.010193625184903e-4f);
      p = Math.fma(p, z, 5.188327685732524e-3f);
      p = Math.fma(p, z, -2.685381193529856e-2f);
      p = Math.fma(p, z, 1.128358514861418e-1f);
      p = Math.fma(p, z, -3.761262582423300e-1f);
      p = Math.fma(p, z, 1.128379165726710f);
      return Math.fma(0.5f * Math.copySign(size, x), p, 0.5f);
    }
    float tail = 0.5f * erfc(size);
    return x > 0f ? 1f - tail : tail;
  }

  /** 1 - erf(x) for x of at least 1; 0 from where e^-x^2 is (Moshier, Cephes, erfcf). */
  private static float erfc(float x) {
    float q = 1f / x;
    float y = q * q;
    float p;
    if (x < 2f) {
      p = 2.326819970068386e-2f;
      p = Math.fma(p, y, -1.387039388740657e-1f);
      p = Math.fma(p, y, 3.687424674597105e-1f);
      p = Math.fma(p, y, -5.824733027278666e-1f);
      p = Math.fma(p, y, 6.210004621745983e-1f);
      p = Math.fma(p, y, -4.944515323274145e-1f);
      p = Math.fma(p, y, 3.404879937665872e-1f);
      p = Math.fma(p, y, -2.741127028184656e-1f);
      p = Math.fma(p, y, 5.638259427386472e-1f);
    } else {
      p = -1.047766399936249e1f;
      p = Math.fma(p, y, 1.297719955372516e1f);
      p = Math.fma(p, y, -7.495518717768503f);
      p = Math.fma(p, y, 2.921019019210786f);
      p = Math.fma(p, y, -1.015265279202700f);
      p = Math.fma(p, y, 4.218463358204948e-1f);
      p = Math.fma(p, y, -2.820767439740514e-1f);
      p = Math.fma(p, y, 5.641895067754075e-1f);
    }
    return exp(-x * x) * q * p;
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }
}
