package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;

/** A function of every number; in place where the derivative follows from the outputs. */
final class ActivationStage extends Stage {
  private final Activation activation;

  ActivationStage(String name, Tensor input, Tensor output, Activation activation) {
    super(name, input, output);
    this.activation = activation;
  }

  @Override
  void forward(Step step) {
    activation.apply(input.values, output.values, step.rows * output.width);
  }

  @Override
  void inputGradient(Step step) {
    activation.backward(
        input.values, output.values, output.gradient, input.gradient, step.rows * output.width);
  }
}
