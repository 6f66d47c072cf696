package dev.tributary.nn.engine.java;

/**
 * z and r by sigmoid; n = tanh(x W + r (h U)); h = z h + (1 - z) n. Gates lie in the order z, r, n;
 * h U has a bias of its own, so its gradient is kept apart.
 */
final class GruStage extends RecurrentStage {
  private final float[] recurrentGates;

  GruStage(String name, Setting setting) {
    super(name, setting);
    this.recurrentGates = setting.memory().floats((long) setting.batchSize() * length, width);
  }

  @Override
  float[] recurrentGates() {
    return recurrentGates;
  }

  @Override
  void recurrentStart(Step step) {
    System.arraycopy(step.parameters, bias + width, scratch.start, 0, width);
  }

  @Override
  void cell(Step step, int t, int at, int before) {
    int size = step.rows * units;
    System.arraycopy(product, 0, recurrentGates, at, step.rows * width);
    Kernels kernels = scratch.kernels;
    for (int row = 0; row < step.rows; row++) {
      int gate = at + row * width;
      int inside = gate + 2 * units;
      for (int j = 0; j < 2 * units; j++) {
        gates[gate + j] += recurrentGates[gate + j];
      }
      kernels.map(FloatFunction.SIGMOID, gates, gate, gates, gate, 2 * units);
      for (int j = 0; j < units; j++) {
        gates[inside + j] =
            Math.fma(gates[gate + units + j], recurrentGates[inside + j], gates[inside + j]);
      }
      kernels.map(FloatFunction.TANH, gates, inside, gates, inside, units);
      int state = before + row * units;
      for (int j = 0; j < units; j++) {
        float n = gates[inside + j];
        states[state + size + j] = Math.fma(gates[gate + j], states[state + j] - n, n);
      }
    }
  }

  @Override
  void cellGradient(Step step, int t, int at, int before) {
    for (int row = 0; row < step.rows; row++) {
      int gate = at + row * width;
      for (int j = 0; j < units; j++) {
        float z = gates[gate + j];
        float r = gates[gate + units + j];
        float n = gates[gate + 2 * units + j];
        float hidden = recurrentGates[gate + 2 * units + j];
        float dh = stateGradient[row * units + j];
        float dz = dh * (states[before + row * units + j] - n) * (z * (1f - z));
        float dn = dh * (1f - z) * (1f - n * n);
        float dr = dn * hidden * (r * (1f - r));
        gates[gate + j] = dz;
        gates[gate + units + j] = dr;
        gates[gate + 2 * units + j] = dn;
        recurrentGates[gate + j] = dz;
        recurrentGates[gate + units + j] = dr;
        recurrentGates[gate + 2 * units + j] = dn * r;
        direct[row * units + j] = dh * z;
      }
    }
  }

  @Override
  void biasGradient(Step step, int count) {
    super.biasGradient(step, count);
    scratch.sumOfRows(recurrentGates, 0, count, width, step.gradient, bias + width);
  }
}
