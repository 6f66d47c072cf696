package dev.tributary.nn;

import java.util.Locale;

/** A function of each output of a layer (softmax: of the last dimension). */
public enum Activation {
  LINEAR,
  RELU,
  TANH,
  SIGMOID,
  /** e^x over its sum along the last dimension; fused with cross-entropy at the end of a model. */
  SOFTMAX,
  /** x, below 0: 0.01 x. The slope of PyTorch. */
  LEAKY_RELU,
  /** x, below 0: e^x - 1 (Clevert et al. 2016, alpha 1). */
  ELU,
  /** ln(1 + e^x). */
  SOFTPLUS,
  /** x sigmoid(x), also called swish. */
  SILU,
  /** x Phi(x) with the error function, not its tanh approximation (Hendrycks and Gimpel 2016). */
  GELU;

  /** 1 / sqrt(2 pi). */
  public static final float INVERSE_SQRT_2_PI = (float) (1 / Math.sqrt(2 * Math.PI));

  private static final float INVERSE_SQRT_2 = (float) Math.sqrt(0.5);

  private static final float SLOPE = 0.01f;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether {@link #backward} needs only the outputs, so that inputs may be overwritten. */
  public boolean fromOutputs() {
    return this != SILU && this != GELU && this != SOFTMAX;
  }

  /**
   * Applies the function.
   *
   * @param inputs float32, the first {@code count} are read
   * @param outputs float32, the first {@code count} are written; may be the inputs
   * @throws IllegalStateException for {@link #SOFTMAX}, which works on rows
   */
  public void apply(float[] inputs, float[] outputs, int count) {
    switch (this) {
      case LINEAR -> {
        if (inputs != outputs) {
          System.arraycopy(inputs, 0, outputs, 0, count);
        }
      }
      case RELU -> {
        for (int i = 0; i < count; i++) {
          outputs[i] = Math.max(inputs[i], 0f);
        }
      }
      case LEAKY_RELU -> {
        for (int i = 0; i < count; i++) {
          outputs[i] = inputs[i] > 0f ? inputs[i] : SLOPE * inputs[i];
        }
      }
      case SOFTMAX -> throw new IllegalStateException("softmax works on rows");
      default -> {
        for (int i = 0; i < count; i++) {
          outputs[i] = of(inputs[i]);
        }
      }
    }
  }

  /** {@link #GELU} of one number. */
  public static float gelu(float x) {
    return x * FloatMath.normal(x);
  }

  /** Its derivative, x phi(x) + Phi(x). */
  public static float geluSlope(float x) {
    float size = Math.abs(x) * INVERSE_SQRT_2; // its square is the one that Phi needs
    float density = INVERSE_SQRT_2_PI * FloatMath.exp(-size * size);
    return Math.fma(x, density, FloatMath.normal(x));
  }

  private float of(float x) {
    return switch (this) {
      case TANH -> FloatMath.tanh(x);
      case SIGMOID -> FloatMath.sigmoid(x);
      case ELU -> x > 0f ? x : FloatMath.expm1(x);
      case SOFTPLUS -> Math.max(x, 0f) + FloatMath.log1p(FloatMath.exp(-Math.abs(x)));
      case SILU -> x * FloatMath.sigmoid(x);
      case GELU -> gelu(x);
      default -> throw new IllegalStateException(key());
    };
  }

  /**
   * Multiplies a gradient by the derivative.
   *
   * @param inputs float32[count], what {@link #apply} read; where {@link #fromOutputs} not looked
   *     at
   * @param outputs float32[count], what it wrote
   * @param gradient float32[count], with respect to the outputs
   * @param into float32[count], receives the gradient with respect to the inputs; may be {@code
   *     gradient}
   */
  public void backward(float[] inputs, float[] outputs, float[] gradient, float[] into, int count) {
    switch (this) {
      case LINEAR -> {
        if (into != gradient) {
          System.arraycopy(gradient, 0, into, 0, count);
        }
      }
      case RELU -> {
        for (int i = 0; i < count; i++) {
          into[i] = outputs[i] > 0f ? gradient[i] : 0f;
        }
      }
      case LEAKY_RELU -> {
        for (int i = 0; i < count; i++) {
          into[i] = outputs[i] > 0f ? gradient[i] : SLOPE * gradient[i];
        }
      }
      case TANH -> {
        for (int i = 0; i < count; i++) {
          into[i] = gradient[i] * (1f - outputs[i] * outputs[i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < count; i++) {
          into[i] = gradient[i] * (outputs[i] * (1f - outputs[i]));
        }
      }
      case ELU -> {
        for (int i = 0; i < count; i++) {
          into[i] = outputs[i] > 0f ? gradient[i] : gradient[i] * (outputs[i] + 1f);
        }
      }
      case SOFTPLUS -> { // the derivative is sigmoid(x) = 1 - e^-y
        for (int i = 0; i < count; i++) {
          into[i] = gradient[i] * -FloatMath.expm1(-outputs[i]);
        }
      }
      case SILU -> {
        for (int i = 0; i < count; i++) {
          float s = FloatMath.sigmoid(inputs[i]);
          into[i] = gradient[i] * (s * (1f + inputs[i] * (1f - s)));
        }
      }
      case GELU -> {
        for (int i = 0; i < count; i++) {
          into[i] = gradient[i] * geluSlope(inputs[i]);
        }
      }
      case SOFTMAX -> throw new IllegalStateException("softmax works on rows");
    }
  }
}
