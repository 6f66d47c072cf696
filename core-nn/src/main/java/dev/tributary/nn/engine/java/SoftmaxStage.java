package dev.tributary.nn.engine.java;

/** e^x over its sum, along the last dimension. */
final class SoftmaxStage extends Stage {
  private final Kernels kernels;
  private final int length;

  SoftmaxStage(String name, Kernels kernels, Tensor input, Tensor output, int length) {
    super(name, input, output);
    this.kernels = kernels;
    this.length = length;
  }

  @Override
  void forward(Step step) {
    for (int at = 0; at < step.rows * output.width; at += length) {
      System.arraycopy(input.values, at, output.values, at, length);
      apply(kernels, output.values, at, length);
    }
  }

  /** In place. */
  static void apply(Kernels kernels, float[] values, int at, int length) {
    float highest = values[at];
    for (int i = at + 1; i < at + length; i++) {
      highest = Math.max(highest, values[i]);
    }
    for (int i = at; i < at + length; i++) {
      values[i] -= highest;
    }
    kernels.map(FloatFunction.EXP, values, at, values, at, length);
    float sum = 0;
    for (int i = at; i < at + length; i++) {
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
      System.arraycopy(output.gradient, at, input.gradient, at, length);
      backward(output.values, at, input.gradient, at, length);
    }
  }

  /** dx = p (dp - sum of p dp), in place. */
  static void backward(float[] values, int from, float[] gradient, int at, int length) {
    float dot = 0;
    for (int i = 0; i < length; i++) {
      dot = Math.fma(values[from + i], gradient[at + i], dot);
    }
    for (int i = 0; i < length; i++) {
      gradient[at + i] = values[from + i] * (gradient[at + i] - dot);
    }
  }
}
