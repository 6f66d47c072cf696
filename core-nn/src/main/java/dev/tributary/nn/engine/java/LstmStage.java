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
    for (int i = 0; i < step.rows * width; i++) {
      gates[at + i] += product[i];
    }
    Kernels kernels = scratch.kernels;
    for (int row = 0; row < step.rows; row++) {
      int gate = at + row * width;
      int inside = gate + 2 * units;
      kernels.map(FloatFunction.SIGMOID, gates, gate, gates, gate, 2 * units);
      kernels.map(FloatFunction.TANH, gates, inside, gates, inside, units);
      kernels.map(FloatFunction.SIGMOID, gates, inside + units, gates, inside + units, units);
      int state = before + row * units;
      for (int j = 0; j < units; j++) {
        cells[state + size + j] =
            Math.fma(
                gates[gate + units + j], cells[state + j], gates[gate + j] * gates[inside + j]);
      }
    }
    kernels.map(FloatFunction.TANH, cells, before + size, squashed, before, size);
    for (int row = 0; row < step.rows; row++) {
      int out = at + row * width + 3 * units;
      int state = before + row * units;
      for (int j = 0; j < units; j++) {
        states[state + size + j] = gates[out + j] * squashed[state + j];
      }
    }
  }

  @Override
  void cellGradient(Step step, int t, int at, int before) {
    if (t == length - 1) {
      Arrays.fill(cellGradient, 0, step.rows * units, 0f);
    }
    for (int row = 0; row < step.rows; row++) {
      int gate = at + row * width;
      for (int j = 0; j < units; j++) {
        float i = gates[gate + j];
        float f = gates[gate + units + j];
        float g = gates[gate + 2 * units + j];
        float o = gates[gate + 3 * units + j];
        int state = before + row * units + j;
        float s = squashed[state];
        float dh = stateGradient[row * units + j];
        float dc = Math.fma(dh * o, 1f - s * s, cellGradient[row * units + j]);
        gates[gate + j] = dc * g * (i * (1f - i));
        gates[gate + units + j] = dc * cells[state] * (f * (1f - f));
        gates[gate + 2 * units + j] = dc * i * (1f - g * g);
        gates[gate + 3 * units + j] = dh * s * (o * (1f - o));
        cellGradient[row * units + j] = dc * f;
      }
    }
  }
}
