package dev.tributary.nn.engine.java;

import dev.tributary.nn.Activation;

/** A function of every number; in place where the derivative follows from the outputs. */
final class ActivationStage extends Stage {
  private final Kernels kernels;
  private final Activation activation;

  ActivationStage(
      String name, Kernels kernels, Tensor input, Tensor output, Activation activation) {
    super(name, input, output);
    this.kernels = kernels;
    this.activation = activation;
  }

  @Override
  void forward(Step step) {
    int count = step.rows * output.width;
    if (activation == Activation.GELU && step.training && input.differentiable) {
      // The slope waits where the gradient will be: nobody else writes there in between.
      kernels.gelu(input.values, output.values, input.gradient, count);
      return;
    }
    switch (activation) {
      case SIGMOID -> map(FloatFunction.SIGMOID, output.values, count);
      case TANH -> map(FloatFunction.TANH, output.values, count);
      case GELU -> map(FloatFunction.GELU, output.values, count);
      default -> activation.apply(input.values, output.values, count);
    }
  }

  @Override
  void inputGradient(Step step) {
    int count = step.rows * output.width;
    if (activation == Activation.RELU) {
      kernels.wherePositive(output.values, output.gradient, input.gradient, count);
    } else if (activation == Activation.GELU) {
      kernels.rows().product(input.gradient, 0, output.gradient, 0, input.gradient, 0, count);
    } else {
      activation.backward(input.values, output.values, output.gradient, input.gradient, count);
    }
  }

  private void map(FloatFunction function, float[] into, int count) {
    kernels.map(function, input.values, 0, into, 0, count);
  }
}
