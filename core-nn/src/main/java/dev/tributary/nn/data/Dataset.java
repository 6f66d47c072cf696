package dev.tributary.nn.data;

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

  /** Some of the rows in the order given, as a view; classes and shape stay. */
  default Dataset subset(int... rows) {
    return new Subset(this, rows);
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
}
