package dev.tributary.nn.metric;

/** What every measure asks of its arguments. */
final class Checks {
  private Checks() {}

  static void sameLength(String what, int length, int expected) {
    if (length != expected) {
      throw new IllegalArgumentException(what + ": expected " + expected + ", came " + length);
    }
  }

  static void label(int label, int row, int classes) {
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "row " + row + ": class " + label + " is not in [0, " + classes + ")");
    }
  }

  /** The length of float32[rows * classes] fits the labels. */
  static void table(float[] table, int rows, int classes) {
    if (classes < 1 || table.length != (long) rows * classes) {
      throw new IllegalArgumentException(
          rows + " rows of " + classes + " numbers, but " + table.length + " came");
    }
  }
}
