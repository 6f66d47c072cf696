package dev.tributary.nn.engine.java;

import dev.tributary.nn.engine.EngineException;

/**
 * Where stages get their arrays. A first pass only counts, so that what does not fit is refused
 * before anything is allocated; the arrays of that pass are empty and must not be touched.
 */
final class Memory {
  private static final float[] NOTHING = {};
  private static final int[] NO_INTEGERS = {};

  private final boolean counting;
  private long bytes;

  Memory(boolean counting) {
    this.counting = counting;
  }

  /** float32[rows * width] with room behind it for vectors. */
  float[] floats(long rows, long width) {
    int length = length(rows, width);
    return counting ? NOTHING : new float[length + Kernels.SLACK];
  }

  int[] integers(long rows, long width) {
    int length = length(rows, width);
    return counting ? NO_INTEGERS : new int[length];
  }

  private int length(long rows, long width) {
    if (rows > (Integer.MAX_VALUE - 2L * Kernels.SLACK) / Math.max(1, width)) {
      throw new EngineException(
          "an array of " + rows + " x " + width + " numbers is too large: lower batchSize");
    }
    bytes += 4 * (rows * width + Kernels.SLACK);
    return (int) (rows * width);
  }

  /** Of all arrays so far. */
  long bytes() {
    return bytes;
  }
}
