package dev.tributary.nn.engine.java;

import java.util.Arrays;

/** The mean of each window of each channel; zeros around the picture do not count. */
final class PoolingStage extends Stage {
  private final Windows windows;

  PoolingStage(String name, Tensor input, Tensor output, Windows windows) {
    super(name, input, output);
    this.windows = windows;
  }

  @Override
  void forward(Step step) {
    Arrays.fill(output.values, 0, step.rows * output.width, 0f);
    each(step, true);
  }

  @Override
  void inputGradient(Step step) {
    Arrays.fill(input.gradient, 0, step.rows * input.width, 0f);
    each(step, false);
  }

  private void each(Step step, boolean forward) {
    Windows w = windows;
    for (int row = 0; row < step.rows; row++) {
      for (int p = 0; p < w.count(); p++) {
        int y0 = p / w.columns * w.strideHeight - w.top;
        int x0 = p % w.columns * w.strideWidth - w.left;
        int yTo = Math.min(w.height, y0 + w.kernelHeight);
        int xTo = Math.min(w.width, x0 + w.kernelWidth);
        y0 = Math.max(0, y0);
        x0 = Math.max(0, x0);
        float share = 1f / ((yTo - y0) * (xTo - x0));
        int out = row * output.width + p * w.channels;
        for (int y = y0; y < yTo; y++) {
          for (int x = x0; x < xTo; x++) {
            int in = row * input.width + (y * w.width + x) * w.channels;
            for (int c = 0; c < w.channels; c++) {
              if (forward) {
                output.values[out + c] += share * input.values[in + c];
              } else {
                input.gradient[in + c] += share * output.gradient[out + c];
              }
            }
          }
        }
      }
    }
  }
}
