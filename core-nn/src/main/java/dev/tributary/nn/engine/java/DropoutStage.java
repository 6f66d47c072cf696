package dev.tributary.nn.engine.java;

import dev.tributary.nn.engine.DropoutMask;

/** Zeros by the seed of the step; a copy when not training. */
final class DropoutStage extends Stage {
  private final DropoutMask mask;
  private final float[] factors;

  DropoutStage(
      String name, Memory memory, Tensor input, Tensor output, int batchSize, DropoutMask mask) {
    super(name, input, output);
    this.mask = mask;
    this.factors = memory.floats(batchSize, output.width);
  }

  @Override
  void forward(Step step) {
    int count = step.rows * output.width;
    if (!step.training) {
      System.arraycopy(input.values, 0, output.values, 0, count);
      return;
    }
    mask.fill(step.seed, factors, count);
    for (int i = 0; i < count; i++) {
      output.values[i] = input.values[i] * factors[i];
    }
  }

  @Override
  void inputGradient(Step step) {
    for (int i = 0; i < step.rows * output.width; i++) {
      input.gradient[i] = output.gradient[i] * factors[i];
    }
  }
}
