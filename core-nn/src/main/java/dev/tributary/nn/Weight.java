package dev.tributary.nn;

import java.util.Arrays;

/** A tensor that a layer holds: its name inside the layer, its shape and how it starts. */
public final class Weight {
  private final String name;
  private final Initializer initializer;
  private final double fanIn;
  private final double fanOut;
  private final boolean statistic;
  private final int forget;
  private final int[] shape;

  /**
   * Of float32, row-major.
   *
   * @param fanIn inputs that one output adds up
   * @param fanOut outputs that one input reaches
   */
  Weight(String name, Initializer initializer, double fanIn, double fanOut, int... shape) {
    this(name, initializer, fanIn, fanOut, false, 0, shape);
  }

  private Weight(
      String name,
      Initializer initializer,
      double fanIn,
      double fanOut,
      boolean statistic,
      int forget,
      int[] shape) {
    this.statistic = statistic;
    this.forget = forget;
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

  static Weight ones(String name, int... shape) {
    return new Weight(name, Initializer.ONES, 1, 1, shape);
  }

  /** Four gates of zeros, but the second one starts at 1 (Jozefowicz et al. 2015, section 2.3). */
  static Weight forgetBias(int units) {
    return new Weight("bias", Initializer.ZEROS, 1, 1, false, units, new int[] {4 * units});
  }

  /** What a layer keeps of its batches. */
  static Weight statistic(String name, Initializer initializer, int... shape) {
    return new Weight(name, initializer, 1, 1, true, 0, shape);
  }

  /** The same under a name that begins with that of its place. */
  Weight inside(String place) {
    return new Weight(place + "." + name, initializer, fanIn, fanOut, statistic, forget, shape);
  }

  /** Whether it follows the batches and is not moved by the loss. */
  public boolean isStatistic() {
    return statistic;
  }

  public String name() {
    return name;
  }

  /** Dimensions, slowest first. */
  public int[] shape() {
    return shape.clone();
  }

  /** Start values of elements [from, from + count) into {@code block[0, count)}. */
  void initialise(int from, float[] block, int count, SeededStream stream) {
    initializer.fill(block, 0, count, fanIn, fanOut, stream);
    int begin = Math.max(0, forget - from);
    int end = Math.min(count, 2 * forget - from);
    if (begin < end) {
      Arrays.fill(block, begin, end, 1f);
    }
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
