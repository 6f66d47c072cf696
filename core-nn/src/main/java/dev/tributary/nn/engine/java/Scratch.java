package dev.tributary.nn.engine.java;

import java.util.Arrays;

/**
 * Arrays that the stages of a program use one after another, and the loops that they share. Stages
 * reserve what they need when they are made; {@link #allocate} then makes each array once.
 */
final class Scratch {
  private static final float[] NOTHING = {};

  /** Rows and columns whose lines stay in the cache while they are turned over. */
  private static final int SQUARE = 16;

  final Kernels kernels;

  /** What rows of a product start from. */
  float[] start = NOTHING;

  /** A matrix turned over. */
  float[] transposed = NOTHING;

  /** The windows of one picture, and their gradient. */
  float[] windows = NOTHING;

  /** A product before it is put in place. */
  float[] product = NOTHING;

  private long startLength;
  private long transposedLength;
  private long windowsLength;
  private long productLength;

  Scratch(Kernels kernels) {
    this.kernels = kernels;
  }

  void reserveStart(long length) {
    startLength = Math.max(startLength, length);
  }

  void reserveTransposed(long length) {
    transposedLength = Math.max(transposedLength, length);
  }

  void reserveWindows(long length) {
    windowsLength = Math.max(windowsLength, length);
  }

  void reserveProduct(long length) {
    productLength = Math.max(productLength, length);
  }

  /** Of the arrays. */
  long largest() {
    return Math.max(Math.max(transposedLength, windowsLength), productLength);
  }

  void allocate(Memory memory) {
    start = memory.floats(startLength, 1);
    transposed = memory.floats(transposedLength, 1);
    windows = memory.floats(windowsLength, 1);
    product = memory.floats(productLength, 1);
  }

  /** {@code transposed} = the transpose of rows x columns at {@code offset}, by squares. */
  void transpose(float[] matrix, int offset, int rows, int columns) {
    for (int top = 0; top < rows; top += SQUARE) {
      int bottom = Math.min(rows, top + SQUARE);
      for (int left = 0; left < columns; left += SQUARE) {
        int right = Math.min(columns, left + SQUARE);
        for (int j = left; j < right; j++) {
          for (int i = top; i < bottom; i++) {
            transposed[j * rows + i] = matrix[offset + i * columns + j];
          }
        }
      }
    }
  }

  /** The sum of the squares of {@code values[at, at + count)}. */
  double squares(float[] values, int at, int count) {
    return kernels.rows().squares(values, at, count);
  }

  /** {@code into[at, at + width)} = the sum of the rows at {@code offset}, from the first on. */
  void sumOfRows(float[] matrix, int offset, int rows, int width, float[] into, int at) {
    Arrays.fill(into, at, at + width, 0f);
    for (int row = 0; row < rows; row++) {
      kernels.rows().add(matrix, offset + row * width, into, at, width);
    }
  }
}
