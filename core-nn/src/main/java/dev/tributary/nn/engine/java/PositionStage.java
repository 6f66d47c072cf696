package dev.tributary.nn.engine.java;

import dev.tributary.nn.Layer;

/** Adds a vector for each position: parameters, or sines and cosines. */
final class PositionStage extends Stage {
  private final Scratch scratch;
  private final float[] fixed;
  private final int weight;

  /**
   * Of a layer.
   *
   * @param weight offset of the learned vectors; below 0 they are fixed
   */
  PositionStage(
      String name, Scratch scratch, Tensor input, Tensor output, int channels, int weight) {
    super(name, input, output);
    this.scratch = scratch;
    this.weight = weight;
    this.fixed =
        weight < 0
            ? Layer.PositionalEncoding.sinusoids(output.width / channels, channels)
            : new float[0];
  }

  @Override
  void forward(Step step) {
    float[] positions = weight < 0 ? fixed : step.parameters;
    int from = Math.max(0, weight);
    for (int row = 0; row < step.rows; row++) {
      int at = row * output.width;
      for (int i = 0; i < output.width; i++) {
        output.values[at + i] = input.values[at + i] + positions[from + i];
      }
    }
  }

  @Override
  void inputGradient(Step step) {
    System.arraycopy(output.gradient, 0, input.gradient, 0, step.rows * output.width);
  }

  @Override
  boolean hasParameters() {
    return weight >= 0;
  }

  /** Each position has a vector of its own. */
  @Override
  void squaredNorms(Step step, double[] norms) {
    for (int row = 0; row < step.rows; row++) {
      norms[row] += scratch.squares(output.gradient, row * output.width, output.width);
    }
  }

  @Override
  void parameterGradient(Step step) {
    if (weight >= 0) {
      scratch.sumOfRows(output.gradient, 0, step.rows, output.width, step.gradient, weight);
    }
  }
}
