package dev.tributary.nn.engine.java;

/** Each position by the mean and variance of its channels: blocks of one position and one group. */
final class LayerNormStage extends GroupNormStage {
  LayerNormStage(
      String name,
      RowKernels kernels,
      Memory memory,
      Tensor input,
      Tensor output,
      Blocks blocks,
      int weight) {
    super(name, kernels, memory, input, output, blocks, weight);
  }

  @Override
  void forward(Step step) {
    int channels = blocks.channels();
    for (int b = 0; b < count(step); b++) {
      inverse[b] =
          kernels.normalise(
              input.values,
              b * channels,
              channels,
              blocks.epsilon(),
              step.parameters,
              weight,
              normalized,
              output.values);
    }
  }

  @Override
  void inputGradient(Step step) {
    int channels = blocks.channels();
    for (int b = 0; b < count(step); b++) {
      kernels.normaliseGradient(
          output.gradient,
          b * channels,
          channels,
          inverse[b],
          step.parameters,
          weight,
          normalized,
          input.gradient);
    }
  }
}
