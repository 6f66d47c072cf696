package dev.tributary.nn;

import java.util.Arrays;

/** A tensor that a layer holds: its name inside the layer, its shape and how it starts. */
public final class Weight {
  private final String name;
  private final Initializer initializer;
  private final double fanIn;
  private final double fanOut;
  private final int[] shape;

  /**
   * Of float32, row-major.
   *
   * @param fanIn inputs that one output adds up
   * @param fanOut outputs that one input reaches
   */
  Weight(String name, Initializer initializer, double fanIn, double fanOut, int... shape) {
    this.name = name;
    this.initializer = initializer;
    this.fanIn = fanIn;
    this.fanOut = fanOut;
    this.shape = shape.clone();
  }

  /** {@code bias}, which starts at zero. */
  static Weight bias(int... shape) {
    return new Weight("bias", Initializer.ZEROS, 1, 1, shape);
  }

  public String name() {
    return name;
  }

  /** Dimensions, slowest first. */
  public int[] shape() {
    return shape.clone();
  }

  void initialise(float[] values, int from, int count, SeededStream stream) {
    initializer.fill(values, from, count, fanIn, fanOut, stream);
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
