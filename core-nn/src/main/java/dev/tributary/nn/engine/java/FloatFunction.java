package dev.tributary.nn.engine.java;

import dev.tributary.nn.FloatMath;

/** Functions of one number that kernels apply to many at once, with the bits of {@link #of}. */
public enum FloatFunction {
  EXP,
  SIGMOID,
  TANH,
  /** x Phi(x). */
  GELU,
  /** The derivative of {@link #GELU}. */
  GELU_SLOPE;

  /** 1 / sqrt(2 pi). */
  public static final float INVERSE_SQRT_2_PI = (float) (1 / Math.sqrt(2 * Math.PI));

  /** The function of one number. */
  public float of(float x) {
    return switch (this) {
      case EXP -> FloatMath.exp(x);
      case SIGMOID -> FloatMath.sigmoid(x);
      case TANH -> FloatMath.tanh(x);
      case GELU -> x * FloatMath.normal(x);
      case GELU_SLOPE -> {
        float density = INVERSE_SQRT_2_PI * FloatMath.exp(-0.5f * x * x);
        yield Math.fma(x, density, FloatMath.normal(x));
      }
    };
  }
}
