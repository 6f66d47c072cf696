package dev.tributary.nn.engine.java;

import dev.tributary.nn.Layer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Each channel normalized over the batch in training, by its statistics else. Sums are of double.
 */
final class BatchNormStage extends Stage {
  private final RowKernels kernels;
  private final Layer.BatchNormalization norm;
  private final int channels;
  private final int weight;
  private final float[] normalized;
  private final double[] mean;
  private final double[] variance;
  private final double[] factor;

  BatchNormStage(
      String name,
      RowKernels kernels,
      Memory memory,
      Tensor input,
      Tensor output,
      Layer.BatchNormalization norm,
      int batchSize,
      int channels,
      int weight) {
    super(name, input, output);
    this.kernels = kernels;
    this.norm = norm;
    this.channels = channels;
    this.weight = weight;
    this.normalized = memory.floats(batchSize, output.width);
    this.mean = new double[channels];
    this.variance = new double[channels];
    this.factor = new double[channels];
  }

  @Override
  void forward(Step step) {
    int count = step.rows * input.width;
    if (step.training) {
      statistics(count);
    } else {
      for (int c = 0; c < channels; c++) {
        mean[c] = step.parameters[weight + 2 * channels + c];
        // Noise on an update may have carried it below 0.
        variance[c] = Math.max(0, step.parameters[weight + 3 * channels + c]);
      }
    }
    for (int c = 0; c < channels; c++) {
      factor[c] = 1 / Math.sqrt(variance[c] + norm.epsilon());
    }
    for (int at = 0; at < count; at += channels) {
      for (int c = 0; c < channels; c++) {
        normalized[at + c] = (float) ((input.values[at + c] - mean[c]) * factor[c]);
        output.values[at + c] =
            Math.fma(
                normalized[at + c],
                step.parameters[weight + c],
                step.parameters[weight + channels + c]);
      }
    }
  }

  private void statistics(int count) {
    int size = count / channels;
    Arrays.fill(mean, 0);
    Arrays.fill(variance, 0);
    for (int at = 0; at < count; at += channels) {
      for (int c = 0; c < channels; c++) {
        mean[c] += input.values[at + c];
      }
    }
    for (int c = 0; c < channels; c++) {
      mean[c] /= size;
    }
    for (int at = 0; at < count; at += channels) {
      for (int c = 0; c < channels; c++) {
        double difference = input.values[at + c] - mean[c];
        variance[c] += difference * difference;
      }
    }
    for (int c = 0; c < channels; c++) {
      variance[c] /= size;
    }
  }

  /** As in {@link GroupNormStage}, over the batch. */
  @Override
  void inputGradient(Step step) {
    int count = step.rows * input.width;
    int size = count / channels;
    for (int c = 0; c < channels; c++) {
      double scale = step.parameters[weight + c] * factor[c];
      double sum = 0;
      double dot = 0;
      for (int at = c; at < count; at += channels) {
        sum += output.gradient[at];
        dot += (double) output.gradient[at] * normalized[at];
      }
      for (int at = c; at < count; at += channels) {
        input.gradient[at] =
            (float) (scale * (output.gradient[at] - sum / size - normalized[at] * dot / size));
      }
    }
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  @Override
  Optional<String> refusal() {
    return Optional.of(
        "mixes the examples of a batch, so that none has a gradient of its own: take"
            + " group_normalization");
  }

  /** For a statistic: its value less the next one. */
  @Override
  void parameterGradient(Step step) {
    GroupNormStage.scaleGradient(
        kernels,
        step.gradient,
        weight,
        channels,
        output.gradient,
        normalized,
        0,
        step.rows * output.width);
    double pace = 1 - norm.momentum();
    int means = weight + 2 * channels;
    int variances = weight + 3 * channels;
    for (int c = 0; c < channels; c++) {
      step.gradient[means + c] = (float) (pace * (step.parameters[means + c] - mean[c]));
      step.gradient[variances + c] =
          (float) (pace * (step.parameters[variances + c] - variance[c]));
    }
  }
}
