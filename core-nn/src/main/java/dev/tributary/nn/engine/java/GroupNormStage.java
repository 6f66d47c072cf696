package dev.tributary.nn.engine.java;

import java.util.Arrays;

/**
 * Blocks of positions x channels, each group of channels of a block normalized by its own mean and
 * variance. Sums are of double.
 */
class GroupNormStage extends Stage {
  /** How the numbers of a batch are divided. */
  record Blocks(int count, int positions, int channels, int groups, double epsilon) {
    int length() {
      return positions * channels;
    }
  }

  final RowKernels kernels;
  final Blocks blocks;
  final float[] normalized;
  final float[] inverse;
  final int weight;
  private final int bias;

  /** The gradient of the parameters from one example. */
  private final float[] ofRow;

  GroupNormStage(
      String name,
      RowKernels kernels,
      Memory memory,
      Tensor input,
      Tensor output,
      Blocks blocks,
      int weight) {
    super(name, input, output);
    this.kernels = kernels;
    this.blocks = blocks;
    this.normalized = memory.floats(blocks.count(), blocks.length());
    this.inverse = memory.floats(blocks.count(), blocks.groups());
    this.ofRow = memory.floats(2, blocks.channels());
    this.weight = weight;
    this.bias = weight + blocks.channels();
  }

  final int count(Step step) {
    return step.rows * input.width / blocks.length();
  }

  @Override
  void forward(Step step) {
    int channels = blocks.channels();
    int share = channels / blocks.groups();
    int size = share * blocks.positions();
    float[] x = input.values;
    for (int b = 0; b < count(step); b++) {
      for (int g = 0; g < blocks.groups(); g++) {
        int from = b * blocks.length() + g * share;
        int end = from + blocks.length() - g * share;
        double mean = sum(x, from, end, share, channels) / size;
        double squares = squares(x, from, end, share, channels, mean);
        double factor = 1 / Math.sqrt(squares / size + blocks.epsilon());
        inverse[b * blocks.groups() + g] = (float) factor;
        for (int at = from; at < end; at += channels) {
          for (int c = at; c < at + share; c++) {
            normalized[c] = (float) ((x[c] - mean) * factor);
          }
        }
      }
    }
    scale(step, channels);
  }

  private void scale(Step step, int channels) {
    float[] parameters = step.parameters;
    for (int at = 0; at < step.rows * input.width; at += channels) {
      for (int c = 0; c < channels; c++) {
        output.values[at + c] =
            Math.fma(normalized[at + c], parameters[weight + c], parameters[bias + c]);
      }
    }
  }

  /**
   * The sum of {@code share} numbers of each position, as four sums that take turns: one alone
   * would wait for each addition.
   */
  private static double sum(float[] x, int from, int end, int share, int channels) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int at = from; at < end; at += channels) {
      int c = at;
      for (; c + 4 <= at + share; c += 4) {
        s0 += x[c];
        s1 += x[c + 1];
        s2 += x[c + 2];
        s3 += x[c + 3];
      }
      for (; c < at + share; c++) {
        s0 += x[c];
      }
    }
    return s0 + s1 + (s2 + s3);
  }

  /** The sum of squared differences from the mean, in the same way. */
  private static double squares(
      float[] x, int from, int end, int share, int channels, double mean) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int at = from; at < end; at += channels) {
      int c = at;
      for (; c + 4 <= at + share; c += 4) {
        double d0 = x[c] - mean;
        double d1 = x[c + 1] - mean;
        double d2 = x[c + 2] - mean;
        double d3 = x[c + 3] - mean;
        s0 += d0 * d0;
        s1 += d1 * d1;
        s2 += d2 * d2;
        s3 += d3 * d3;
      }
      for (; c < at + share; c++) {
        double difference = x[c] - mean;
        s0 += difference * difference;
      }
    }
    return s0 + s1 + (s2 + s3);
  }

  /**
   * dx = (dn - mean of dn - n mean of (n dn)) / deviation, where n is normalized and dn = dy
   * weight.
   */
  @Override
  void inputGradient(Step step) {
    int channels = blocks.channels();
    int share = channels / blocks.groups();
    int size = share * blocks.positions();
    float[] dy = output.gradient;
    for (int b = 0; b < count(step); b++) {
      for (int g = 0; g < blocks.groups(); g++) {
        int from = b * blocks.length() + g * share;
        int end = from + blocks.length() - g * share;
        int first = weight + g * share;
        double s0 = 0;
        double s1 = 0;
        double d0 = 0;
        double d1 = 0;
        for (int at = from; at < end; at += channels) {
          int c = 0;
          for (; c + 2 <= share; c += 2) {
            double even = (double) dy[at + c] * step.parameters[first + c];
            double odd = (double) dy[at + c + 1] * step.parameters[first + c + 1];
            s0 += even;
            s1 += odd;
            d0 += even * normalized[at + c];
            d1 += odd * normalized[at + c + 1];
          }
          if (c < share) {
            double dn = (double) dy[at + c] * step.parameters[first + c];
            s0 += dn;
            d0 += dn * normalized[at + c];
          }
        }
        double sum = s0 + s1;
        double dot = d0 + d1;
        double factor = inverse[b * blocks.groups() + g];
        double mean = sum / size;
        double slope = dot / size;
        for (int at = from; at < end; at += channels) {
          for (int c = 0; c < share; c++) {
            double dn = (double) dy[at + c] * step.parameters[first + c];
            input.gradient[at + c] = (float) (factor * (dn - mean - normalized[at + c] * slope));
          }
        }
      }
    }
  }

  @Override
  final boolean hasParameters() {
    return true;
  }

  @Override
  final void squaredNorms(Step step, double[] norms) {
    int channels = blocks.channels();
    for (int row = 0; row < step.rows; row++) {
      int from = row * input.width;
      scaleGradient(
          kernels, ofRow, 0, channels, output.gradient, normalized, from, from + input.width);
      norms[row] += kernels.squares(ofRow, 0, 2 * channels);
    }
  }

  @Override
  final void parameterGradient(Step step) {
    scaleGradient(
        kernels,
        step.gradient,
        weight,
        blocks.channels(),
        output.gradient,
        normalized,
        0,
        step.rows * output.width);
  }

  /** The gradient of a weight and a bias for each channel, from [from, end) of a batch. */
  static void scaleGradient(
      RowKernels kernels,
      float[] into,
      int weight,
      int channels,
      float[] dy,
      float[] normalized,
      int from,
      int end) {
    Arrays.fill(into, weight, weight + 2 * channels, 0f);
    for (int at = from; at < end; at += channels) {
      kernels.addProduct(dy, at, normalized, at, into, weight, channels);
      kernels.add(dy, at, into, weight + channels, channels);
    }
  }
}
