package dev.tributary.nn.data;

import java.util.Arrays;

/** Examples as numbered rows. Immutable and safe for many threads. */
public interface Dataset {

  /** Number of rows. */
  int size();

  /** Dimensions of one example, slowest first. */
  int[] featureShape();

  /** Number of classes; 0 where rows carry a number to predict instead. */
  int classes();

  /**
   * Writes the features of a row, row-major, as many as {@link #featureShape} says.
   *
   * @param into float32, written from {@code offset} on
   */
  void features(int row, float[] into, int offset);

  /** The class of a row, in [0, classes); 0 where there are no classes. */
  int label(int row);

  /** The number to predict for a row: its class, unless the data carries another. */
  default float target(int row) {
    return label(row);
  }

  /**
   * What the outputs should be: with one output the number, with several 1 at the label and 0
   * elsewhere.
   *
   * @param into float32, written in {@code [at, at + count)}
   * @param count outputs of the model
   */
  default void targets(int row, float[] into, int at, int count) {
    if (count == 1) {
      into[at] = target(row);
      return;
    }
    Arrays.fill(into, at, at + count, 0f);
    into[at + label(row)] = 1f;
  }

  /** Some of the rows in the order given, as a view; classes and shape stay. */
  default Dataset subset(int... rows) {
    return new Subset(this, rows);
  }

  /**
   * The rows as a pass over them sees them: the same, unless they are augmented. A loop over epochs
   * asks for pass 0, 1, and so on.
   */
  default Dataset pass(int number) {
    return this;
  }

  /** Number of floats in one example. */
  default int featureLength() {
    int length = 1;
    for (int dimension : featureShape()) {
      length *= dimension;
    }
    return length;
  }

  /**
   * Examples from arrays, which are copied.
   *
   * @param features float32[rows * length of featureShape]
   * @param labels int[rows], each in [0, classes)
   */
  static Dataset of(int[] featureShape, int classes, float[] features, int[] labels) {
    return MemoryDataset.labelled(featureShape, classes, features, labels);
  }

  /**
   * Examples with a number to predict, from arrays, which are copied.
   *
   * @param features float32[rows * length of featureShape]
   * @param targets float32[rows]
   */
  static Dataset regression(int[] featureShape, float[] features, float[] targets) {
    return MemoryDataset.regression(featureShape, features, targets);
  }

  /**
   * Windows of a text: row r has the tokens [r stride, r stride + length) as features and the token
   * behind them as label. A text of no more than {@code length} tokens has no rows.
   *
   * @param tokens int[n], each in [0, vocabulary); copied
   * @param length tokens of a window
   * @param stride from the start of a window to the next; {@code length} leaves no overlap
   */
  static Dataset tokens(int[] tokens, int vocabulary, int length, int stride) {
    return new TokenDataset(tokens, vocabulary, length, stride);
  }

  /**
   * Rows with few numbers that are not zero, kept as such and made whole when a batch is gathered.
   *
   * @param width features of a row
   * @param starts int[rows + 1]: the numbers of row r are [starts[r], starts[r + 1])
   * @param columns int[n]: which feature each is
   * @param values float32[n]; numbers of one feature of one row add up
   * @param labels int[rows], each in [0, classes)
   */
  static Dataset sparse(
      int width, int classes, int[] starts, int[] columns, float[] values, int[] labels) {
    return new SparseDataset(width, classes, starts, columns, values, labels);
  }
}
