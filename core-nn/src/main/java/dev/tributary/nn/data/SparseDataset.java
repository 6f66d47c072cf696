package dev.tributary.nn.data;

import java.util.Arrays;

/** Rows of which only the numbers that are not zero are kept (compressed sparse rows). */
final class SparseDataset implements Dataset {
  private final int width;
  private final int classes;
  private final int[] starts;
  private final int[] columns;
  private final float[] values;
  private final int[] labels;

  SparseDataset(int width, int classes, int[] starts, int[] columns, float[] values, int[] labels) {
    if (width < 1
        || starts.length != labels.length + 1
        || columns.length != values.length
        || starts[0] != 0
        || starts[labels.length] != columns.length) {
      throw new IllegalArgumentException(
          labels.length
              + " rows need as many starts and one more, from 0 to the "
              + columns.length
              + " columns and "
              + values.length
              + " values; came "
              + starts.length);
    }
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] < 0 || labels[row] >= classes || starts[row] > starts[row + 1]) {
        throw new IllegalArgumentException(
            "row " + row + ": label " + labels[row] + " of " + classes + ", or falling starts");
      }
    }
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] < 0 || columns[i] >= width) {
        throw new IllegalArgumentException(
            "value " + i + ": column " + columns[i] + " is not one of " + width);
      }
    }
    this.width = width;
    this.classes = classes;
    this.starts = starts.clone();
    this.columns = columns.clone();
    this.values = values.clone();
    this.labels = labels.clone();
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int[] featureShape() {
    return new int[] {width};
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public void features(int row, float[] into, int offset) {
    Arrays.fill(into, offset, offset + width, 0f);
    for (int i = starts[row]; i < starts[row + 1]; i++) {
      into[offset + columns[i]] += values[i];
    }
  }

  @Override
  public int label(int row) {
    return labels[row];
  }
}
