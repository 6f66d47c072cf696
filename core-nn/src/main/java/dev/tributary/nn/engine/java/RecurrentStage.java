package dev.tributary.nn.engine.java;

import java.util.Arrays;

/**
 * States along a sequence. Inside, everything lies by time, then by row: [length, rows, ...]. The
 * products with the inputs are done for many times at once; a cell adds what depends on the state.
 */
abstract class RecurrentStage extends Stage {
  /** Floats of gates that are made at a time: half a megabyte. */
  private static final int CACHED = 1 << 17;

  /** What a recurrent layer is made of. */
  record Setting(
      Scratch scratch,
      Memory memory,
      Tensor input,
      Tensor output,
      int batchSize,
      int length,
      int channels,
      int units,
      int gates,
      int weight) {}

  final Scratch scratch;
  final int length;
  final int channels;
  final int units;

  /** Floats of all gates of one state. */
  final int width;

  final int weight;
  final int recurrent;
  final int bias;
  final boolean sequences;

  /** [length, rows, channels]. */
  final float[] inputs;

  /** x W + b, then what the cell makes of it, then its gradient: [length, rows, width]. */
  final float[] gates;

  /** h U of one time: [rows, width]. */
  final float[] product;

  /** h before each time and behind the last: [length + 1, rows, units]. */
  final float[] states;

  /** The gradient of the state behind a time: [rows, units]. */
  final float[] stateGradient;

  /** What a state adds to the gradient of the one before, beside the gates: [rows, units]. */
  final float[] direct;

  RecurrentStage(String name, Setting s) {
    super(name, s.input, s.output);
    this.scratch = s.scratch;
    this.length = s.length;
    this.channels = s.channels;
    this.units = s.units;
    this.width = s.gates * s.units;
    this.weight = s.weight;
    this.recurrent = weight + channels * width;
    this.bias = recurrent + units * width;
    this.sequences = s.output.width != s.units;
    long rows = s.batchSize;
    this.inputs = s.memory.floats(rows * length, channels);
    this.gates = s.memory.floats(rows * length, width);
    this.product = s.memory.floats(rows, width);
    this.states = s.memory.floats(rows * (length + 1), units);
    this.stateGradient = s.memory.floats(rows, units);
    this.direct = s.memory.floats(rows, units);
    scratch.reserveStart(Math.max(width, channels + units));
    scratch.reserveTransposed(
        Math.max((long) Math.max(channels, units) * width, (long) length * (channels + units)));
    scratch.reserveProduct(Math.max(rows * length * channels, (long) (channels + units) * width));
  }

  /**
   * Makes the states behind time t of {@link #gates}, {@link #product} and the states before.
   *
   * @param at of the gates of this time
   * @param before of the states before; those behind it begin at {@code before + rows * units}
   */
  abstract void cell(Step step, int t, int at, int before);

  /** From {@link #stateGradient} makes the gradient of the gates, and {@link #direct}. */
  abstract void cellGradient(Step step, int t, int at, int before);

  /** The gradient of h U of all times; where x W enters as h U does, that of the gates. */
  float[] recurrentGates() {
    return gates;
  }

  /** What h U starts from. */
  void recurrentStart(Step step) {
    Arrays.fill(scratch.start, 0, width, 0f);
  }

  @Override
  final void forward(Step step) {
    int rows = step.rows;
    for (int t = 0; t < length; t++) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(
            input.values,
            row * input.width + t * channels,
            inputs,
            (t * rows + row) * channels,
            channels);
      }
    }
    Arrays.fill(states, 0, rows * units, 0f);
    int times = Math.max(1, CACHED / (rows * width));
    for (int t = 0; t < length; t++) {
      int before = t * rows * units;
      if (t % times == 0) {
        inputProduct(step, t, Math.min(times, length - t));
      }
      recurrentStart(step);
      multiply(states, before, units, step.parameters, recurrent, product, rows, width, units);
      cell(step, t, t * rows * width, before);
    }
    for (int row = 0; row < rows; row++) {
      if (sequences) {
        for (int t = 0; t < length; t++) {
          System.arraycopy(
              states,
              ((t + 1) * rows + row) * units,
              output.values,
              row * output.width + t * units,
              units);
        }
      } else {
        System.arraycopy(states, (length * rows + row) * units, output.values, row * units, units);
      }
    }
  }

  /** x W + b of some times, so few that the cells find them in the cache. */
  private void inputProduct(Step step, int t, int times) {
    int rows = step.rows;
    System.arraycopy(step.parameters, bias, scratch.start, 0, width);
    scratch.kernels.multiply(
        inputs,
        t * rows * channels,
        channels,
        1,
        step.parameters,
        weight,
        gates,
        t * rows * width,
        rows * times,
        width,
        channels,
        scratch.start);
  }

  private void multiply(
      float[] a, int aAt, int aRow, float[] b, int bAt, float[] c, int m, int n, int depth) {
    scratch.kernels.multiply(a, aAt, aRow, 1, b, bAt, c, 0, m, n, depth, scratch.start);
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  /** Back through time: the gradient of the gates, and what h U makes of it. */
  @Override
  final void backward(Step step) {
    int rows = step.rows;
    scratch.transpose(step.parameters, recurrent, units, width);
    Arrays.fill(direct, 0, rows * units, 0f);
    for (int t = length - 1; t >= 0; t--) {
      if (t == length - 1) {
        Arrays.fill(stateGradient, 0, rows * units, 0f);
      } else {
        Arrays.fill(scratch.start, 0, units, 0f);
        int behind = (t + 1) * rows * width;
        multiply(
            recurrentGates(),
            behind,
            width,
            scratch.transposed,
            0,
            stateGradient,
            rows,
            units,
            width);
        scratch.kernels.rows().add(direct, 0, stateGradient, 0, rows * units);
      }
      if (sequences || t == length - 1) {
        for (int row = 0; row < rows; row++) {
          int from = row * output.width + (sequences ? t * units : 0);
          scratch.kernels.rows().add(output.gradient, from, stateGradient, row * units, units);
        }
      }
      cellGradient(step, t, t * rows * width, t * rows * units);
    }
  }

  /** Where x W and h U have the same gradient, both matrices are one product with [x, h]. */
  @Override
  final void squaredNorms(Step step, double[] norms) {
    int rows = step.rows;
    boolean same = recurrentGates() == gates;
    int columns = channels + units;
    for (int row = 0; row < rows; row++) {
      norms[row] += biasSquare(gates, row, rows);
      ofRow(inputs, channels, row, rows, 0, same ? columns : channels);
      if (!same) {
        norms[row] += square(gates, row, rows, channels);
        norms[row] += biasSquare(recurrentGates(), row, rows);
      }
      ofRow(states, units, row, rows, same ? channels : 0, same ? columns : units);
      norms[row] += square(recurrentGates(), row, rows, same ? columns : units);
    }
  }

  /** What lies by time for one row, as columns of {@code scratch.transposed}: [length, columns]. */
  private void ofRow(float[] from, int count, int row, int rows, int at, int columns) {
    for (int t = 0; t < length; t++) {
      int source = (t * rows + row) * count;
      System.arraycopy(from, source, scratch.transposed, t * columns + at, count);
    }
  }

  /** |dz^T b|^2 for one row, where b is {@code scratch.transposed}: the transpose of dW. */
  private double square(float[] gradient, int row, int rows, int columns) {
    Arrays.fill(scratch.start, 0, columns, 0f);
    scratch.kernels.multiply(
        gradient,
        row * width,
        1,
        rows * width,
        scratch.transposed,
        0,
        scratch.product,
        0,
        width,
        columns,
        length,
        scratch.start);
    return scratch.squares(scratch.product, 0, width * columns);
  }

  private double biasSquare(float[] gradient, int row, int rows) {
    Arrays.fill(scratch.start, 0, width, 0f);
    for (int t = 0; t < length; t++) {
      scratch.kernels.rows().add(gradient, (t * rows + row) * width, scratch.start, 0, width);
    }
    return scratch.squares(scratch.start, 0, width);
  }

  @Override
  final void scale(Step step, int row, float factor) {
    for (int t = 0; t < length; t++) {
      int at = (t * step.rows + row) * width;
      scale(gates, at, width, factor);
      if (recurrentGates() != gates) {
        scale(recurrentGates(), at, width, factor);
      }
    }
  }

  /** One product for each tensor. */
  @Override
  final void parameterGradient(Step step) {
    int count = step.rows * length;
    Arrays.fill(scratch.start, 0, width, 0f);
    product(inputs, channels, gates, step.gradient, weight, count);
    product(states, units, recurrentGates(), step.gradient, recurrent, count);
    biasGradient(step, count);
  }

  /** into = a^T b. What spills over its end lies in a tensor that is written later. */
  private void product(float[] a, int aWidth, float[] b, float[] into, int at, int count) {
    scratch.kernels.multiply(a, 0, 1, aWidth, b, 0, into, at, aWidth, width, count, scratch.start);
  }

  void biasGradient(Step step, int count) {
    scratch.sumOfRows(gates, 0, count, width, step.gradient, bias);
  }

  @Override
  final void inputGradient(Step step) {
    int rows = step.rows;
    scratch.transpose(step.parameters, weight, channels, width);
    Arrays.fill(scratch.start, 0, channels, 0f);
    multiply(
        gates, 0, width, scratch.transposed, 0, scratch.product, rows * length, channels, width);
    for (int t = 0; t < length; t++) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(
            scratch.product,
            (t * rows + row) * channels,
            input.gradient,
            row * input.width + t * channels,
            channels);
      }
    }
  }
}
