package dev.tributary.nn.engine.java;

/** One tensor on two ways: both see its values, and its gradient is the sum of theirs. */
final class ForkStage extends Stage {
  private final Tensor second;

  ForkStage(String name, Tensor input, Tensor first, Tensor second) {
    super(name, input, first);
    this.second = second;
  }

  @Override
  void forward(Step step) {
    output.values = input.values;
    second.values = input.values;
  }

  @Override
  void inputGradient(Step step) {
    for (int i = 0; i < step.rows * input.width; i++) {
      input.gradient[i] = output.gradient[i] + second.gradient[i];
    }
  }
}
