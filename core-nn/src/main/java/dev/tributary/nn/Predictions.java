package dev.tributary.nn;

import java.util.stream.IntStream;

/** What a model says about some rows: one line of outputs for each. Immutable. */
public final class Predictions {
  private final int width;
  private final float[] outputs;

  private Predictions(int width, float[] outputs) {
    this.width = width;
    this.outputs = outputs;
  }

  /**
   * Takes outputs as they are.
   *
   * @param width outputs of a row, at least 1
   * @param outputs float32[rows * width], row-major; copied
   * @throws IllegalArgumentException if the length is no multiple of the width
   */
  public static Predictions of(int width, float[] outputs) {
    if (width < 1 || outputs.length % width != 0) {
      throw new IllegalArgumentException(
          outputs.length + " outputs are no rows of " + width + " each");
    }
    return new Predictions(width, outputs.clone());
  }

  /** As {@link #of}, with an array that nobody else keeps. */
  static Predictions owned(int width, float[] outputs) {
    return new Predictions(width, outputs);
  }

  /** Number of rows. */
  public int rows() {
    return outputs.length / width;
  }

  /** Outputs of a row. */
  public int width() {
    return width;
  }

  /** float32[rows * width], row-major; a copy. Probabilities where the model ends so. */
  public float[] outputs() {
    return outputs.clone();
  }

  /** One output of a row. */
  public float output(int row, int index) {
    if (index < 0 || index >= width) {
      throw new IndexOutOfBoundsException("output " + index + " of " + width);
    }
    return outputs[row * width + index];
  }

  /**
   * The answer for a row: the class of the highest output, of equals the first. With a single
   * output: 1 from one half up, else 0.
   */
  public int label(int row) {
    return width == 1 ? label(row, 0.5f) : ranked(row, 1)[0];
  }

  /**
   * The answer of a model with a single output: 1 from the threshold up, else 0.
   *
   * @throws IllegalStateException if there are several outputs
   */
  public int label(int row, float threshold) {
    if (width != 1) {
      throw new IllegalStateException("a threshold is for a single output, there are " + width);
    }
    return outputs[row] >= threshold ? 1 : 0;
  }

  /**
   * The classes of a row by falling output, of equals the lower first, NaN last.
   *
   * @param k how many, at least 1; no more than there are come back
   */
  public int[] ranked(int row, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, is " + k);
    }
    int from = row * width;
    return IntStream.range(0, width)
        .boxed()
        .sorted((a, b) -> Float.compare(rank(outputs[from + b]), rank(outputs[from + a])))
        .limit(k)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float rank(float output) {
    return Float.isNaN(output) ? Float.NEGATIVE_INFINITY : output + 0f;
  }

  /** The classes of a row whose output is at least the threshold, by falling output. */
  public int[] above(int row, float threshold) {
    return IntStream.of(ranked(row, width))
        .filter(index -> outputs[row * width + index] >= threshold)
        .toArray();
  }

  @Override
  public String toString() {
    return "Predictions[" + rows() + " rows of " + width + "]";
  }
}
