package dev.tributary.nn.engine.java;

/**
 * What flows between two stages: float32[rows, width], and the gradient of the loss with respect to
 * it. The features of a batch have no gradient, nor has what follows from them without parameters.
 */
final class Tensor {
  final int width;
  final boolean differentiable;
  float[] values;
  final float[] gradient;

  private Tensor(int width, boolean differentiable, float[] values, float[] gradient) {
    this.width = width;
    this.differentiable = differentiable;
    this.values = values;
    this.gradient = gradient;
  }

  /** The features of a batch, which are set before each step. */
  static Tensor features(int width) {
    return new Tensor(width, false, new float[0], new float[0]);
  }

  /** The values of another, with a gradient of its own; {@link ForkStage} joins both. */
  static Tensor branch(Memory memory, int rows, Tensor of) {
    return new Tensor(
        of.width,
        of.differentiable,
        of.values,
        of.differentiable ? memory.floats(rows, of.width) : new float[0]);
  }

  static Tensor of(Memory memory, int rows, int width, boolean differentiable) {
    return new Tensor(
        width,
        differentiable,
        memory.floats(rows, width),
        differentiable ? memory.floats(rows, width) : new float[0]);
  }
}
