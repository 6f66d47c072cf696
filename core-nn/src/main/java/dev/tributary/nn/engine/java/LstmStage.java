package dev.tributary.nn.engine.java;

import java.util.Arrays;

/**
 * i, f, o by sigmoid, g by tanh; c = f c + i g; h = o tanh(c). Gates lie in the order i, f, g, o.
 */
final class LstmStage extends RecurrentStage {
  private final float[] cells;
  private final float[] squashed;
  private final float[] cellGradient;

  LstmStage(String name, Setting setting) {
    super(name, setting);
    long rows = setting.batchSize();
    this.cells = setting.memory().floats(rows * (length + 1), units);
    this.squashed = setting.memory().floats(rows * length, units);
    this.cellGradient = setting.memory().floats(rows, units);
  }

  @Override
  void cell(Step step, int t, int at, int before) {
    int size = step.rows * units;
    if (t == 0) {
      Arrays.fill(cells, 0, size, 0f);
    }
    Kernels kernels = scratch.kernels;
    RowKernels rows = kernels.rows();
    rows.add(product, 0, gates, at, step.rows * width);
    for (int row = 0; row < step.rows; row++) {
      int gate = at + row * width;
      int inside = gate + 2 * units;
      kernels.map(FloatFunction.SIGMOID, gates, gate, gates, gate, 2 * units);
      kernels.map(FloatFunction.TANH, gates, inside, gates, inside, units);
      kernels.map(FloatFunction.SIGMOID, gates, inside + units, gates, inside + units, units);
      int state = before + row * units;
      rows.lstmState(gates, gate, cells, state, state + size, units);
    }
    kernels.map(FloatFunction.TANH, cells, before + size, squashed, before, size);
    for (int row = 0; row < step.rows; row++) {
      int out = at + row * width + 3 * units;
      int state = before + row * units;
      rows.product(gates, out, squashed, state, states, state + size, units);
    }
  }

  @Override
  void cellGradient(Step step, int t, int at, int before) {
    if (t == length - 1) {
      Arrays.fill(cellGradient, 0, step.rows * units, 0f);
    }
    for (int row = 0; row < step.rows; row++) {
      scratch
          .kernels
          .rows()
          .lstmGradient(
              gates,
              at + row * width,
              cells,
              squashed,
              before + row * units,
              stateGradient,
              cellGradient,
              row * units,
              units);
    }
  }
}
