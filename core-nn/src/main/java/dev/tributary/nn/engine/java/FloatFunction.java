package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;
import dev.tributary.nn.FloatMath;

/** Functions of one number that kernels apply to many at once, with the bits of {@link #of}. */
public enum FloatFunction {
  EXP,
  SIGMOID,
  TANH,
  /** x Phi(x). */
  GELU;

  /** The function of one number. */
  public float of(float x) {
    return switch (this) {
      case EXP -> FloatMath.exp(x);
      case SIGMOID -> FloatMath.sigmoid(x);
      case TANH -> FloatMath.tanh(x);
      case GELU -> Activation.gelu(x);
    };
  }
}
