package dev.tributary.nn.engine.java;

import java.util.Arrays;

/**
 * Convolution as one product per picture and group: its windows times the filters. The gradient of
 * the filters is the sum over the pictures, in their order, of one product each.
 */
final class Conv2dStage extends Stage {
  private final Scratch scratch;
  private final Windows windows;
  private final int groups;
  private final int filters;
  private final int depth;
  private final int window;
  private final int weight;
  private final int bias;

  Conv2dStage(
      String name,
      Scratch scratch,
      Tensor input,
      Tensor output,
      Windows windows,
      int filters,
      int groups,
      int weight) {
    super(name, input, output);
    this.scratch = scratch;
    this.windows = windows;
    this.groups = groups;
    this.filters = filters / groups;
    this.depth = windows.channels / groups;
    this.window = windows.kernelHeight * windows.kernelWidth * depth;
    this.weight = weight;
    this.bias = weight + window * filters;
    scratch.reserveStart(Math.max(window, filters));
    scratch.reserveWindows((long) windows.count() * window);
    scratch.reserveTransposed(
        Math.max((long) window * this.filters, (long) windows.count() * this.filters));
    scratch.reserveProduct(
        Math.max((long) windows.count() * this.filters, (long) window * this.filters));
  }

  @Override
  void forward(Step step) {
    for (int row = 0; row < step.rows; row++) {
      for (int group = 0; group < groups; group++) {
        windows.gather(input.values, row * input.width, group * depth, depth, scratch.windows);
        System.arraycopy(step.parameters, bias + group * filters, scratch.start, 0, filters);
        if (groups == 1) {
          multiply(step.parameters, weight, output.values, row * output.width);
        } else {
          filtersOf(step.parameters, group);
          multiply(scratch.transposed, 0, scratch.product, 0);
          put(scratch.product, output.values, row * output.width, group);
        }
      }
    }
  }

  private void multiply(float[] b, int bAt, float[] c, int cAt) {
    scratch.kernels.multiply(
        scratch.windows,
        0,
        window,
        1,
        b,
        bAt,
        c,
        cAt,
        windows.count(),
        filters,
        window,
        scratch.start);
  }

  /** The filters of a group side by side. */
  private void filtersOf(float[] parameters, int group) {
    for (int k = 0; k < window; k++) {
      System.arraycopy(
          parameters,
          weight + k * filters * groups + group * filters,
          scratch.transposed,
          k * filters,
          filters);
    }
  }

  private void put(float[] from, float[] into, int at, int group) {
    for (int p = 0; p < windows.count(); p++) {
      System.arraycopy(
          from, p * filters, into, at + p * filters * groups + group * filters, filters);
    }
  }

  /**
   * The gradient of the outputs of a group, as a matrix without gaps; true if it had to be copied.
   */
  private boolean outputGradient(int row, int group) {
    if (groups == 1) {
      return false;
    }
    for (int p = 0; p < windows.count(); p++) {
      System.arraycopy(
          output.gradient,
          row * output.width + p * filters * groups + group * filters,
          scratch.product,
          p * filters,
          filters);
    }
    return true;
  }

  @Override
  void inputGradient(Step step) {
    Arrays.fill(input.gradient, 0, step.rows * input.width, 0f);
    for (int group = 0; group < groups; group++) {
      for (int k = 0; k < window; k++) {
        int at = weight + k * filters * groups + group * filters;
        for (int f = 0; f < filters; f++) {
          scratch.transposed[f * window + k] = step.parameters[at + f];
        }
      }
      Arrays.fill(scratch.start, 0, window, 0f);
      for (int row = 0; row < step.rows; row++) {
        boolean copied = outputGradient(row, group);
        scratch.kernels.multiply(
            copied ? scratch.product : output.gradient,
            copied ? 0 : row * output.width,
            filters,
            1,
            scratch.transposed,
            0,
            scratch.windows,
            0,
            windows.count(),
            window,
            filters,
            scratch.start);
        windows.scatter(scratch.windows, input.gradient, row * input.width, group * depth, depth);
      }
    }
  }

  @Override
  void parameterGradient(Step step) {
    Arrays.fill(step.gradient, weight, bias, 0f);
    for (int row = 0; row < step.rows; row++) {
      for (int group = 0; group < groups; group++) {
        exampleGradient(row, group);
        for (int k = 0; k < window; k++) {
          int at = weight + k * filters * groups + group * filters;
          for (int f = 0; f < filters; f++) {
            step.gradient[at + f] += scratch.product[k * filters + f];
          }
        }
      }
    }
    scratch.sumOfRows(
        output.gradient, 0, step.rows * windows.count(), filters * groups, step.gradient, bias);
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  @Override
  void squaredNorms(Step step, double[] norms) {
    for (int row = 0; row < step.rows; row++) {
      for (int group = 0; group < groups; group++) {
        exampleGradient(row, group);
        norms[row] += scratch.squares(scratch.product, 0, window * filters);
      }
      int all = filters * groups;
      scratch.sumOfRows(
          output.gradient, row * output.width, windows.count(), all, scratch.start, 0);
      norms[row] += scratch.squares(scratch.start, 0, all);
    }
  }

  /** {@code scratch.product} = the gradient of the filters of one group from one picture. */
  private void exampleGradient(int row, int group) {
    windows.gather(input.values, row * input.width, group * depth, depth, scratch.windows);
    boolean copied = outputGradient(row, group);
    if (copied) {
      System.arraycopy(scratch.product, 0, scratch.transposed, 0, windows.count() * filters);
    }
    Arrays.fill(scratch.start, 0, filters, 0f);
    scratch.kernels.multiply(
        scratch.windows,
        0,
        1,
        window,
        copied ? scratch.transposed : output.gradient,
        copied ? 0 : row * output.width,
        scratch.product,
        0,
        window,
        filters,
        windows.count(),
        scratch.start);
  }
}
