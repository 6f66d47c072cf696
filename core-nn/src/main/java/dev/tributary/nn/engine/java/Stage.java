package dev.tributary.nn.engine.java;

import java.util.Optional;

/** One computation of a program, bound to its arrays. Runs allocate nothing. */
abstract class Stage {
  final String name;
  final Tensor input;
  final Tensor output;

  /**
   * @param name of its layer, for messages
   */
  Stage(String name, Tensor input, Tensor output) {
    this.name = name;
    this.input = input;
    this.output = output;
  }

  /** Writes {@code output.values}. */
  abstract void forward(Step step);

  /** What the gradients of the input and of the parameters both start from; called before them. */
  void backward(Step step) {}

  /**
   * From {@code output.gradient} makes {@code input.gradient}; called only if the input has one.
   */
  abstract void inputGradient(Step step);

  /** Whether it has parameters, and so takes part in the norm of an example. */
  boolean hasParameters() {
    return false;
  }

  /** Why gradients of single examples cannot be clipped with it; empty if they can. */
  Optional<String> refusal() {
    return Optional.empty();
  }

  /**
   * Adds to {@code norms[row]} the square of the L2 norm of its part of the gradient of that row's
   * loss, from {@code output.gradient}.
   */
  void squaredNorms(Step step, double[] norms) {
    throw new IllegalStateException(name);
  }

  /**
   * Multiplies all that {@link #parameterGradient} starts from by {@code factor}, for one row. Its
   * gradients are linear in the gradient of that row's loss.
   */
  void scale(Step step, int row, float factor) {
    scale(output.gradient, row * output.width, output.width, factor);
  }

  static void scale(float[] values, int from, int count, float factor) {
    for (int i = from; i < from + count; i++) {
      values[i] *= factor;
    }
  }

  /** From {@code output.gradient} makes its intervals of the gradient of the parameters. */
  void parameterGradient(Step step) {}
}
