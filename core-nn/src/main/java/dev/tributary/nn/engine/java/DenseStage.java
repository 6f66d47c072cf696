package dev.tributary.nn.engine.java;

import java.util.Arrays;

/** X W + b for {@code positions} vectors of each row. */
final class DenseStage extends Stage {
  private final Scratch scratch;
  private final int positions;
  private final int inputs;
  private final int outputs;
  private final int weight;
  private final int bias;

  DenseStage(String name, Scratch scratch, Tensor input, Tensor output, int positions, int weight) {
    super(name, input, output);
    this.scratch = scratch;
    this.positions = positions;
    this.inputs = input.width / positions;
    this.outputs = output.width / positions;
    this.weight = weight;
    this.bias = weight + inputs * outputs;
    scratch.reserveStart(Math.max(inputs, outputs));
    if (positions > 1) {
      scratch.reserveProduct((long) inputs * outputs);
    }
    if (input.differentiable) {
      scratch.reserveTransposed((long) inputs * outputs);
    }
  }

  @Override
  void forward(Step step) {
    System.arraycopy(step.parameters, bias, scratch.start, 0, outputs);
    scratch.kernels.multiply(
        input.values,
        0,
        inputs,
        1,
        step.parameters,
        weight,
        output.values,
        0,
        step.rows * positions,
        outputs,
        inputs,
        scratch.start);
  }

  /** dX = dZ W^T, with W transposed first so that sums run along rows as everywhere. */
  @Override
  void inputGradient(Step step) {
    scratch.transpose(step.parameters, weight, inputs, outputs);
    Arrays.fill(scratch.start, 0, inputs, 0f);
    scratch.kernels.multiply(
        output.gradient,
        0,
        outputs,
        1,
        scratch.transposed,
        0,
        input.gradient,
        0,
        step.rows * positions,
        inputs,
        outputs,
        scratch.start);
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  /**
   * |dW|^2 + |db|^2 of one position is (|x|^2 + 1) |dz|^2 (Goodfellow 2015, section 3); of several,
   * the matrix is made.
   */
  @Override
  void squaredNorms(Step step, double[] norms) {
    for (int row = 0; row < step.rows; row++) {
      if (positions == 1) {
        norms[row] +=
            (scratch.squares(input.values, row * inputs, inputs) + 1)
                * scratch.squares(output.gradient, row * outputs, outputs);
      } else {
        Arrays.fill(scratch.start, 0, outputs, 0f);
        scratch.kernels.multiply(
            input.values,
            row * input.width,
            1,
            inputs,
            output.gradient,
            row * output.width,
            scratch.product,
            0,
            inputs,
            outputs,
            positions,
            scratch.start);
        norms[row] += scratch.squares(scratch.product, 0, inputs * outputs);
        scratch.sumOfRows(
            output.gradient, row * output.width, positions, outputs, scratch.start, 0);
        norms[row] += scratch.squares(scratch.start, 0, outputs);
      }
    }
  }

  /** dW = X^T dZ. Whatever spills behind dW lies in the bias, which is written afterwards. */
  @Override
  void parameterGradient(Step step) {
    Arrays.fill(scratch.start, 0, outputs, 0f);
    scratch.kernels.multiply(
        input.values,
        0,
        1,
        inputs,
        output.gradient,
        0,
        step.gradient,
        weight,
        inputs,
        outputs,
        step.rows * positions,
        scratch.start);
    scratch.sumOfRows(output.gradient, 0, step.rows * positions, outputs, step.gradient, bias);
  }
}
