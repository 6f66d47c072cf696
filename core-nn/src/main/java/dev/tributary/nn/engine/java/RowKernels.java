package dev.tributary.nn.engine.java;

/**
 * Loops over rows of numbers. A sum over a row is {@link #SUMS} sums, each of every {@code SUMS}-th
 * number in ascending order, which are then added in halves: so vectors of any width give the bits
 * of plain loops. For one thread at a time.
 */
public interface RowKernels {
  /** Partial sums of a row. */
  int SUMS = 16;

  /** Numbers of a long row whose squares are added in float32. */
  int BLOCK = 512;

  /** {@code values[at, at + count)} = e^(scale values) over its sum, in place. */
  void softmax(float[] values, int at, int count, float scale);

  /**
   * From the gradient dp of {@link #softmax}'s outputs p makes {@code scale} p (dp - sum of p dp),
   * in place in {@code gradient[at, at + count)}.
   */
  void softmaxGradient(float[] outputs, int from, float[] gradient, int at, int count, float scale);

  /**
   * {@code normalized} = (x - mean) / deviation of {@code values[at, at + count)}, at the same
   * place, and {@code outputs} = that times its weight plus its bias.
   *
   * @param epsilon is added to the variance
   * @param weight where count weights lie in the parameters; the biases lie behind them
   * @return 1 / deviation
   */
  float normalise(
      float[] values,
      int at,
      int count,
      double epsilon,
      float[] parameters,
      int weight,
      float[] normalized,
      float[] outputs);

  /**
   * {@code into} = (dn - mean of dn - n mean of (n dn)) / deviation, where n is normalized and dn =
   * gradient times weight.
   */
  void normaliseGradient(
      float[] gradient,
      int at,
      int count,
      float inverse,
      float[] parameters,
      int weight,
      float[] normalized,
      float[] into);

  /**
   * The sum of squares of {@code values[at, at + count)}: of each {@link #BLOCK} numbers by fused
   * multiply-adds in float32, blocks added in double, so that no float32 sum has more than 32
   * terms. Fewer than {@link #SUMS} numbers are added one after another.
   */
  double squares(float[] values, int at, int count);

  /** {@code into[intoAt + i] += from[fromAt + i]}. */
  void add(float[] from, int fromAt, float[] into, int intoAt, int count);

  /** {@code into[intoAt + i] = fma(a[aAt + i], b[bAt + i], into[intoAt + i])}. */
  void addProduct(float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count);

  /** {@code into[intoAt + i] = a[aAt + i] b[bAt + i]}; may be one of them, in place. */
  void product(float[] a, int aAt, float[] b, int bAt, float[] into, int intoAt, int count);

  /**
   * The state of an LSTM's cell: {@code cells[behind + j] = fma(f, cells[before + j], i g)}, of the
   * gates i, f, g at {@code gates[at]}, each of so many units.
   */
  void lstmState(float[] gates, int at, float[] cells, int before, int behind, int units);

  /**
   * Back through a cell of an LSTM, for one row: gates i, f, g, o become the gradients of what they
   * are made of, and the gradient of the state behind becomes that of the one before.
   *
   * @param state of the cells before and of the squashed cells behind
   * @param row of the gradients of h and of the cells
   */
  void lstmGradient(
      float[] gates,
      int at,
      float[] cells,
      float[] squashed,
      int state,
      float[] stateGradient,
      float[] cellGradient,
      int row,
      int units);

  /** The sum of partial sums, in halves; they are overwritten. */
  static float total(float[] sums) {
    for (int half = SUMS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        sums[i] += sums[i + half];
      }
    }
    return sums[0];
  }
}
