package dev.tributary.nn.engine.java;

/** The sum of two tensors. */
final class SumStage extends Stage {
  private final Tensor first;
  private final Tensor second;

  SumStage(String name, Tensor first, Tensor second, Tensor output) {
    super(name, first.differentiable ? first : second, output);
    this.first = first;
    this.second = second;
  }

  @Override
  void forward(Step step) {
    for (int i = 0; i < step.rows * output.width; i++) {
      output.values[i] = first.values[i] + second.values[i];
    }
  }

  @Override
  void inputGradient(Step step) {
    pass(first, step.rows);
    pass(second, step.rows);
  }

  private void pass(Tensor to, int rows) {
    if (to.differentiable) {
      System.arraycopy(output.gradient, 0, to.gradient, 0, rows * output.width);
    }
  }
}
