package dev.tributary.nn;

import java.util.Locale;

/** The function at the end of a dense layer, applied to each output (softmax: to the row). */
public enum Activation {
  LINEAR,
  RELU,
  TANH,
  SIGMOID,
  /** Belongs to the last layer alone, where it is fused with the loss. */
  SOFTMAX;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Applies the function in place.
   *
   * @param values float32, the first {@code count} are replaced
   * @throws IllegalStateException for {@link #SOFTMAX}, which works on rows and lives in the loss
   */
  public void apply(float[] values, int count) {
    switch (this) {
      case LINEAR -> {}
      case RELU -> {
        for (int i = 0; i < count; i++) {
          values[i] = Math.max(values[i], 0f);
        }
      }
      case TANH -> {
        for (int i = 0; i < count; i++) {
          values[i] = FloatMath.tanh(values[i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < count; i++) {
          values[i] = FloatMath.sigmoid(values[i]);
        }
      }
      case SOFTMAX -> throw new IllegalStateException("softmax is applied together with the loss");
    }
  }

  /**
   * Multiplies a gradient by the derivative, which each of these functions can express by its own
   * output.
   *
   * @param outputs float32[count], what {@link #apply} left
   * @param gradient float32[count], with respect to the outputs; after the call with respect to the
   *     inputs
   */
  public void backward(float[] outputs, float[] gradient, int count) {
    switch (this) {
      case LINEAR -> {}
      case RELU -> {
        for (int i = 0; i < count; i++) {
          gradient[i] = outputs[i] > 0f ? gradient[i] : 0f;
        }
      }
      case TANH -> {
        for (int i = 0; i < count; i++) {
          gradient[i] *= 1f - outputs[i] * outputs[i];
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < count; i++) {
          gradient[i] *= outputs[i] * (1f - outputs[i]);
        }
      }
      case SOFTMAX -> throw new IllegalStateException("softmax is applied together with the loss");
    }
  }
}
