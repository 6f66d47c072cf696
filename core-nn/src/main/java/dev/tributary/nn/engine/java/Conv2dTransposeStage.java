package dev.tributary.nn.engine.java;

import java.util.Arrays;

/** A convolution read backwards: what is its input there is the output here. */
final class Conv2dTransposeStage extends Stage {
  private final Scratch scratch;
  private final Windows windows;
  private final int channels;
  private final int window;
  private final int weight;
  private final int bias;

  /**
   * Of a layer.
   *
   * @param windows over the output: one for each position of the input
   */
  Conv2dTransposeStage(
      String name, Scratch scratch, Tensor input, Tensor output, Windows windows, int weight) {
    super(name, input, output);
    this.scratch = scratch;
    this.windows = windows;
    this.channels = input.width / windows.count();
    this.window = windows.kernelHeight * windows.kernelWidth * windows.channels;
    this.weight = weight;
    this.bias = weight + window * channels;
    scratch.reserveStart(Math.max(window, channels));
    scratch.reserveWindows((long) windows.count() * window);
    scratch.reserveTransposed((long) window * channels);
    scratch.reserveProduct((long) window * channels);
  }

  @Override
  void forward(Step step) {
    scratch.transpose(step.parameters, weight, window, channels);
    Arrays.fill(scratch.start, 0, window, 0f);
    for (int row = 0; row < step.rows; row++) {
      scratch.kernels.multiply(
          input.values,
          row * input.width,
          channels,
          1,
          scratch.transposed,
          0,
          scratch.windows,
          0,
          windows.count(),
          window,
          channels,
          scratch.start);
      int at = row * output.width;
      for (int i = 0; i < output.width; i += windows.channels) {
        System.arraycopy(step.parameters, bias, output.values, at + i, windows.channels);
      }
      windows.scatter(scratch.windows, output.values, at, 0, windows.channels);
    }
  }

  @Override
  void inputGradient(Step step) {
    for (int row = 0; row < step.rows; row++) {
      windows.gather(output.gradient, row * output.width, 0, windows.channels, scratch.windows);
      Arrays.fill(scratch.start, 0, channels, 0f);
      scratch.kernels.multiply(
          scratch.windows,
          0,
          window,
          1,
          step.parameters,
          weight,
          input.gradient,
          row * input.width,
          windows.count(),
          channels,
          window,
          scratch.start);
    }
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  @Override
  void squaredNorms(Step step, double[] norms) {
    for (int row = 0; row < step.rows; row++) {
      exampleGradient(row);
      norms[row] += scratch.squares(scratch.product, 0, window * channels);
      int positions = output.width / windows.channels;
      scratch.sumOfRows(
          output.gradient, row * output.width, positions, windows.channels, scratch.start, 0);
      norms[row] += scratch.squares(scratch.start, 0, windows.channels);
    }
  }

  @Override
  void parameterGradient(Step step) {
    Arrays.fill(step.gradient, weight, bias, 0f);
    for (int row = 0; row < step.rows; row++) {
      exampleGradient(row);
      for (int i = 0; i < window * channels; i++) {
        step.gradient[weight + i] += scratch.product[i];
      }
    }
    int positions = step.rows * output.width / windows.channels;
    scratch.sumOfRows(output.gradient, 0, positions, windows.channels, step.gradient, bias);
  }

  /** {@code scratch.product} = the gradient of the kernel from one picture. */
  private void exampleGradient(int row) {
    windows.gather(output.gradient, row * output.width, 0, windows.channels, scratch.windows);
    Arrays.fill(scratch.start, 0, channels, 0f);
    scratch.kernels.multiply(
        scratch.windows,
        0,
        1,
        window,
        input.values,
        row * input.width,
        scratch.product,
        0,
        window,
        channels,
        windows.count(),
        scratch.start);
  }
}
