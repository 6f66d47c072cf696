package dev.tributary.nn.engine.java;

import java.util.Arrays;

/** The greatest of each window of each channel; of equal ones the first. A NaN wins. */
final class MaxPoolingStage extends Stage {
  private final Kernels kernels;
  private final Windows windows;
  private final int[] winners;

  MaxPoolingStage(
      String name,
      Kernels kernels,
      Memory memory,
      Tensor input,
      Tensor output,
      int batchSize,
      Windows windows) {
    super(name, input, output);
    this.kernels = kernels;
    this.windows = windows;
    this.winners = memory.integers(batchSize, output.width);
  }

  @Override
  void forward(Step step) {
    Windows w = windows;
    float[] from = input.values;
    float[] into = output.values;
    for (int row = 0; row < step.rows; row++) {
      for (int p = 0; p < w.count(); p++) {
        int y0 = p / w.columns * w.strideHeight - w.top;
        int x0 = p % w.columns * w.strideWidth - w.left;
        int yTo = Math.min(w.height, y0 + w.kernelHeight);
        int xTo = Math.min(w.width, x0 + w.kernelWidth);
        y0 = Math.max(0, y0);
        x0 = Math.max(0, x0);
        int out = row * output.width + p * w.channels;
        int first = row * input.width + (y0 * w.width + x0) * w.channels;
        for (int c = 0; c < w.channels; c++) {
          into[out + c] = from[first + c];
          winners[out + c] = first + c;
        }
        for (int y = y0; y < yTo; y++) {
          for (int x = x0; x < xTo; x++) {
            int in = row * input.width + (y * w.width + x) * w.channels;
            kernels.greatest(from, in, into, winners, out, w.channels);
          }
        }
      }
    }
  }

  @Override
  void inputGradient(Step step) {
    Arrays.fill(input.gradient, 0, step.rows * input.width, 0f);
    for (int i = 0; i < step.rows * output.width; i++) {
      input.gradient[winners[i]] += output.gradient[i];
    }
  }
}
