package dev.tributary.nn.engine.java;

import dev.tributary.nn.engine.EngineException;
import java.util.Arrays;

/** The row of a table for each token. */
final class EmbeddingStage extends Stage {
  private final RowKernels kernels;
  private final int tokens;
  private final int units;
  private final int weight;

  /** The gradient of the vector of one token from one example. */
  private final float[] vector;

  EmbeddingStage(
      String name,
      RowKernels kernels,
      Memory memory,
      Tensor input,
      Tensor output,
      int tokens,
      int weight) {
    super(name, input, output);
    this.kernels = kernels;
    this.tokens = tokens;
    this.units = output.width / input.width;
    this.weight = weight;
    this.vector = memory.floats(1, units);
  }

  /**
   * Copies.
   *
   * @throws EngineException for a number that is no token
   */
  @Override
  void forward(Step step) {
    for (int i = 0; i < step.rows * input.width; i++) {
      System.arraycopy(step.parameters, weight + token(i) * units, output.values, i * units, units);
    }
  }

  private int token(int i) {
    float value = input.values[i];
    int token = (int) value;
    if (token != value || token < 0 || token >= tokens) {
      throw new EngineException(
          name
              + ": position "
              + i % input.width
              + " of row "
              + i / input.width
              + " of the batch holds "
              + value
              + ", tokens are whole numbers from 0 to "
              + (tokens - 1));
    }
    return token;
  }

  @Override
  void inputGradient(Step step) {
    throw new IllegalStateException("tokens have no gradient");
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  /** The vector of a token gets what all places of that token in the row get. */
  @Override
  void squaredNorms(Step step, double[] norms) {
    for (int row = 0; row < step.rows; row++) {
      int first = row * input.width;
      for (int i = first; i < first + input.width; i++) {
        if (!isBefore(first, i)) {
          Arrays.fill(vector, 0, units, 0f);
          for (int j = i; j < first + input.width; j++) {
            if (input.values[j] == input.values[i]) {
              for (int k = 0; k < units; k++) {
                vector[k] += output.gradient[j * units + k];
              }
            }
          }
          norms[row] += kernels.squares(vector, 0, units);
        }
      }
    }
  }

  private boolean isBefore(int first, int i) {
    for (int j = first; j < i; j++) {
      if (input.values[j] == input.values[i]) {
        return true;
      }
    }
    return false;
  }

  @Override
  void parameterGradient(Step step) {
    Arrays.fill(step.gradient, weight, weight + tokens * units, 0f);
    for (int i = 0; i < step.rows * input.width; i++) {
      int at = weight + token(i) * units;
      for (int j = 0; j < units; j++) {
        step.gradient[at + j] += output.gradient[i * units + j];
      }
    }
  }
}
