package dev.tributary.nn.engine.java;

import dev.tributary.nn.FloatMath;

/** e^x over its sum, along the last dimension. */
final class SoftmaxStage extends Stage {
  private final int length;

  SoftmaxStage(String name, Tensor input, Tensor output, int length) {
    super(name, input, output);
    this.length = length;
  }

  @Override
  void forward(Step step) {
    for (int at = 0; at < step.rows * output.width; at += length) {
      System.arraycopy(input.values, at, output.values, at, length);
      apply(output.values, at, length);
    }
  }

  /** In place. */
  static void apply(float[] values, int at, int length) {
    float highest = values[at];
    for (int i = at + 1; i < at + length; i++) {
      highest = Math.max(highest, values[i]);
    }
    float sum = 0;
    for (int i = at; i < at + length; i++) {
      values[i] = FloatMath.exp(values[i] - highest);
      sum += values[i];
    }
    float scale = 1f / sum;
    for (int i = at; i < at + length; i++) {
      values[i] *= scale;
    }
  }

  @Override
  void inputGradient(Step step) {
    for (int at = 0; at < step.rows * output.width; at += length) {
      backward(output.values, output.gradient, input.gradient, at, length);
    }
  }

  /** dx = p (dp - sum of p dp); {@code into} may be {@code gradient}. */
  static void backward(float[] values, float[] gradient, float[] into, int at, int length) {
    float dot = 0;
    for (int i = at; i < at + length; i++) {
      dot = Math.fma(values[i], gradient[i], dot);
    }
    for (int i = at; i < at + length; i++) {
      into[i] = values[i] * (gradient[i] - dot);
    }
  }
}
