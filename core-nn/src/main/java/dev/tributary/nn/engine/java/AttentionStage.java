package dev.tributary.nn.engine.java;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * softmax(Q K^T / sqrt(channels of a head)) V for each row and head, between two dense products: in
 * front for queries, keys and values, behind for the projection.
 */
final class AttentionStage extends Stage {
  /** The shape of attention. */
  record Heads(int batchSize, int length, int channels, int count, boolean causal) {
    int size() {
      return channels / count;
    }
  }

  private final Scratch scratch;
  private final Heads heads;
  private final @Nullable Tensor padding;
  private final DenseStage front;
  private final DenseStage behind;
  private final Tensor mixed;
  private final Tensor joined;

  /** softmax of all rows and heads: [rows, heads, length, length]. */
  private final float[] attention;

  /** Matrices of one head, without gaps: queries, keys and values, and a gradient. */
  private final float[] left;

  private final float[] right;
  private final float[] square;
  private final float[] result;

  /**
   * Of a layer.
   *
   * @param padding tokens, of which 0 is not seen; null: all are seen
   */
  AttentionStage(
      String name,
      Scratch scratch,
      Memory memory,
      Tensor input,
      Tensor output,
      Heads heads,
      @Nullable Tensor padding,
      int weight) {
    super(name, input, output);
    this.scratch = scratch;
    this.heads = heads;
    this.padding = padding;
    this.mixed = Tensor.of(memory, heads.batchSize(), 3 * input.width, true);
    this.joined = Tensor.of(memory, heads.batchSize(), input.width, true);
    this.front = new DenseStage(name, scratch, input, mixed, heads.length(), weight);
    int channels = heads.channels();
    int projection = weight + 3 * channels * (channels + 1);
    this.behind = new DenseStage(name, scratch, joined, output, heads.length(), projection);
    int length = heads.length();
    this.attention =
        memory.floats((long) heads.batchSize() * heads.count(), (long) length * length);
    this.left = memory.floats(length, heads.size());
    this.right = memory.floats(length, heads.size());
    this.square = memory.floats(length, length);
    this.result = memory.floats(length, heads.size());
    scratch.reserveStart(Math.max(length, heads.size()));
  }

  @Override
  void forward(Step step) {
    front.forward(step);
    int length = heads.length();
    int size = heads.size();
    for (int row = 0; row < step.rows; row++) {
      for (int head = 0; head < heads.count(); head++) {
        int at = (row * heads.count() + head) * length * length;
        gather(mixed.values, row, 0, head, left, false);
        gather(mixed.values, row, 1, head, right, true);
        multiply(left, 0, size, 1, right, attention, at, length, length, size);
        weigh(row, at);
        gather(mixed.values, row, 2, head, right, false);
        multiply(attention, at, length, 1, right, result, 0, length, size, length);
        for (int t = 0; t < length; t++) {
          System.arraycopy(result, t * size, joined.values, part(row, t, head), size);
        }
      }
    }
    behind.forward(step);
  }

  private int part(int row, int t, int head) {
    return (row * heads.length() + t) * heads.channels() + head * heads.size();
  }

  /** Scores to weights: masked, scaled, softmax. A position that sees nothing gets zeros. */
  private void weigh(int row, int at) {
    int length = heads.length();
    float scale = (float) (1 / Math.sqrt(heads.size()));
    for (int t = 0; t < length; t++) {
      int from = at + t * length;
      int seen = heads.causal() ? t + 1 : length;
      if (padding == null || hidePadding(row, from, seen)) {
        scratch.kernels.rows().softmax(attention, from, seen, scale);
      } else {
        seen = 0;
      }
      Arrays.fill(attention, from + seen, from + length, 0f);
    }
  }

  /** Scores of padding become those that get no weight; whether anything else is seen. */
  private boolean hidePadding(int row, int from, int count) {
    boolean any = false;
    for (int s = 0; s < count; s++) {
      if (padding != null && padding.values[row * heads.length() + s] != 0) {
        any = true;
      } else {
        attention[from + s] = Float.NEGATIVE_INFINITY;
      }
    }
    return any;
  }

  /** Queries (0), keys (1) or values (2) of a head, as a matrix or turned over. */
  private void gather(
      float[] from, int row, int which, int head, float[] into, boolean transposed) {
    int size = heads.size();
    for (int t = 0; t < heads.length(); t++) {
      int at =
          (row * heads.length() + t) * 3 * heads.channels()
              + which * heads.channels()
              + head * size;
      if (transposed) {
        for (int j = 0; j < size; j++) {
          into[j * heads.length() + t] = from[at + j];
        }
      } else {
        System.arraycopy(from, at, into, t * size, size);
      }
    }
  }

  /** Writes a gradient back to where {@link #gather} takes values from. */
  private void scatter(float[] from, int row, int which, int head) {
    int size = heads.size();
    for (int t = 0; t < heads.length(); t++) {
      int at =
          (row * heads.length() + t) * 3 * heads.channels()
              + which * heads.channels()
              + head * size;
      System.arraycopy(from, t * size, mixed.gradient, at, size);
    }
  }

  private void multiply(
      float[] a,
      int aAt,
      int aRow,
      int aStep,
      float[] b,
      float[] c,
      int cAt,
      int m,
      int n,
      int depth) {
    Arrays.fill(scratch.start, 0, n, 0f);
    scratch.kernels.multiply(a, aAt, aRow, aStep, b, 0, c, cAt, m, n, depth, scratch.start);
  }

  @Override
  boolean hasParameters() {
    return true;
  }

  /** From the outputs to queries, keys and values. */
  @Override
  void backward(Step step) {
    behind.inputGradient(step);
    for (int row = 0; row < step.rows; row++) {
      for (int head = 0; head < heads.count(); head++) {
        headGradient(row, head);
      }
    }
  }

  /** All its parameters are those of the two dense products. */
  @Override
  void squaredNorms(Step step, double[] norms) {
    behind.squaredNorms(step, norms);
    front.squaredNorms(step, norms);
  }

  @Override
  void scale(Step step, int row, float factor) {
    behind.scale(step, row, factor);
    front.scale(step, row, factor);
  }

  @Override
  void parameterGradient(Step step) {
    behind.parameterGradient(step);
    front.parameterGradient(step);
  }

  private void headGradient(int row, int head) {
    int length = heads.length();
    int size = heads.size();
    int at = (row * heads.count() + head) * length * length;
    for (int t = 0; t < length; t++) {
      System.arraycopy(joined.gradient, part(row, t, head), left, t * size, size);
    }
    // dV = A^T dO
    multiply(attention, at, 1, length, left, result, 0, length, size, length);
    scatter(result, row, 2, head);
    // dA = dO V^T, then through the softmax and the scale
    gather(mixed.values, row, 2, head, right, true);
    multiply(left, 0, size, 1, right, square, 0, length, length, size);
    float scale = (float) (1 / Math.sqrt(size));
    for (int t = 0; t < length; t++) {
      scratch
          .kernels
          .rows()
          .softmaxGradient(attention, at + t * length, square, t * length, length, scale);
    }
    // dQ = dS K and dK = dS^T Q
    gather(mixed.values, row, 1, head, right, false);
    multiply(square, 0, length, 1, right, result, 0, length, size, length);
    scatter(result, row, 0, head);
    gather(mixed.values, row, 0, head, right, false);
    multiply(square, 0, 1, length, right, result, 0, length, size, length);
    scatter(result, row, 1, head);
  }

  @Override
  void inputGradient(Step step) {
    front.inputGradient(step);
  }
}
