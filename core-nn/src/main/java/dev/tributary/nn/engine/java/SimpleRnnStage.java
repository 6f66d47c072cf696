package dev.tributary.nn.engine.java;

/** h = tanh(x W + h U + b). */
final class SimpleRnnStage extends RecurrentStage {
  SimpleRnnStage(String name, Setting setting) {
    super(name, setting);
  }

  @Override
  void cell(Step step, int t, int at, int before) {
    int behind = before + step.rows * units;
    int count = step.rows * units;
    for (int i = 0; i < count; i++) {
      states[behind + i] = gates[at + i] + product[i];
    }
    scratch.kernels.map(FloatFunction.TANH, states, behind, states, behind, count);
  }

  @Override
  void cellGradient(Step step, int t, int at, int before) {
    int behind = before + step.rows * units;
    for (int i = 0; i < step.rows * units; i++) {
      float h = states[behind + i];
      gates[at + i] = stateGradient[i] * (1f - h * h);
    }
  }
}
