package dev.tributary.nn.engine.java;

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

  /**
   * From {@code output.gradient} makes {@code input.gradient}; called only if the input has one.
   */
  abstract void inputGradient(Step step);

  /** From {@code output.gradient} makes its intervals of the gradient of the parameters. */
  void parameterGradient(Step step) {}
}
