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
      kernels.rows().softmax(output.values, at, length, 1f);
    }
  }

  @Override
  void inputGradient(Step step) {
    for (int at = 0; at < step.rows * output.width; at += length) {
      System.arraycopy(output.gradient, at, input.gradient, at, length);
      kernels.rows().softmaxGradient(output.values, at, input.gradient, at, length, 1f);
    }
  }
}
