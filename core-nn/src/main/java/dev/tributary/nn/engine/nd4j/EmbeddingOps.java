package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.engine.EngineException;
import java.util.Arrays;
import java.util.List;

/**
 * The row of a table for each token, on the heap, where features and parameters come from and the
 * gradient goes: one copy each way, and no token reaches the natives unchecked.
 */
final class EmbeddingOps {
  private final String name;
  private final int length;
  private final int tokens;
  private final int units;
  private final int weight;

  /**
   * Of a layer.
   *
   * @param name for messages
   * @param length tokens of an example
   */
  EmbeddingOps(String name, int length, int tokens, int units, int weight) {
    this.name = name;
    this.length = length;
    this.tokens = tokens;
    this.units = units;
    this.weight = weight;
  }

  void record(Tape tape, Flow output) {
    tape.onHeap(2L * output.values.length() + (long) tokens * units);
    tape.forward(
        () -> {
          float[] vectors = new float[output.values.length()];
          return pass -> {
            int count = pass.batch().rows() * length;
            for (int i = 0; i < count; i++) {
              System.arraycopy(
                  pass.parameters(),
                  weight + token(pass.batch().features(), i) * units,
                  vectors,
                  i * units,
                  units);
            }
            Arrays.fill(vectors, count * units, vectors.length, 0f);
            output.values.put(0, vectors, vectors.length);
          };
        });
    FloatArray sums = tape.array((long) tokens * units);
    tape.backward(
        List.of(
            () -> {
              float[] given = new float[output.values.length()];
              float[] table = new float[tokens * units];
              return pass -> {
                output.gradients.get(given, pass.batch().rows() * length * units);
                add(pass, given, table);
                sums.put(0, table, table.length);
              };
            },
            () ->
                Operation.copy(
                    tape.gradients.view(weight, sums.length()), sums.view(0, sums.length()))));
  }

  private void add(Pass pass, float[] given, float[] table) {
    Arrays.fill(table, 0f);
    for (int i = 0; i < pass.batch().rows() * length; i++) {
      int at = token(pass.batch().features(), i) * units;
      for (int j = 0; j < units; j++) {
        table[at + j] += given[i * units + j];
      }
    }
  }

  private int token(float[] features, int i) {
    float value = features[i];
    int token = (int) value;
    if (token != value || token < 0 || token >= tokens) {
      throw new EngineException(
          name
              + ": position "
              + i % length
              + " of row "
              + i / length
              + " of the batch holds "
              + value
              + ", tokens are whole numbers from 0 to "
              + (tokens - 1));
    }
    return token;
  }
}
