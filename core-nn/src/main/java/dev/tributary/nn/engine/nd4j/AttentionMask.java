package dev.tributary.nn.engine.nd4j;

import java.util.Arrays;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What positions do not see: those behind them, and padding. Scores of what is hidden sink so low
 * that softmax gives exactly 0; a position that sees nothing gets zeros afterwards.
 */
final class AttentionMask {
  private static final float HIDDEN = -1e30f;

  private final int length;
  private final boolean causal;
  private final boolean padded;

  /**
   * Of a layer.
   *
   * @param padded whether the features are tokens of which 0 is padding
   */
  AttentionMask(int length, boolean causal, boolean padded) {
    this.length = length;
    this.causal = causal;
    this.padded = padded;
  }

  /** Records what becomes of scores [rows, heads, length, length]. */
  void hide(Tape tape, Supplier<INDArray> scores) {
    if (padded) {
      FloatArray hidden = tape.array(tape.inAll(length) * length);
      tape.onHeap(hidden.length());
      tape.forward(() -> ofPadding(hidden));
      tape.forward(
          () ->
              Operation.add(
                  scores.get(), scores.get(), hidden.view(0, tape.batchSize, 1, length, length)));
    } else if (causal) {
      float[] later = new float[length * length];
      for (int t = 0; t < length; t++) {
        Arrays.fill(later, t * length + t + 1, (t + 1) * length, HIDDEN);
      }
      FloatArray hidden = tape.constant(later);
      tape.forward(
          () -> Operation.add(scores.get(), scores.get(), hidden.view(0, 1, 1, length, length)));
    }
  }

  private Action ofPadding(FloatArray hidden) {
    float[] values = new float[hidden.length()];
    return pass -> {
      float[] tokens = pass.batch().features();
      Arrays.fill(values, HIDDEN);
      for (int i = 0; i < pass.batch().rows() * length; i++) {
        int row = i / length;
        int last = causal ? i % length + 1 : length;
        for (int s = 0; s < last; s++) {
          values[i * length + s] = tokens[row * length + s] == 0 ? HIDDEN : 0f;
        }
      }
      hidden.put(0, values, values.length);
    };
  }

  /** Records the zeros of positions that see nothing: [rows, heads, length, length]. */
  void silence(Tape tape, Supplier<INDArray> attention) {
    if (!padded) {
      return;
    }
    FloatArray sees = tape.array(tape.inAll(length));
    tape.onHeap(sees.length());
    tape.forward(() -> ofSight(sees));
    tape.forward(
        () ->
            Operation.multiply(
                attention.get(), attention.get(), sees.view(0, tape.batchSize, 1, length, 1)));
  }

  private Action ofSight(FloatArray sees) {
    float[] values = new float[sees.length()];
    return pass -> {
      float[] tokens = pass.batch().features();
      Arrays.fill(values, 0f);
      for (int i = 0; i < pass.batch().rows() * length; i++) {
        int from = i / length * length;
        int last = causal ? i + 1 : from + length;
        for (int s = from; s < last; s++) {
          if (tokens[s] != 0) {
            values[i] = 1f;
          }
        }
      }
      sees.put(0, values, values.length);
    };
  }
}
