package dev.tributary.nn;

import java.util.Arrays;
import java.util.List;

/** Rules that layers share; each failure says the rule and what came. */
final class LayerRules {
  private LayerRules() {}

  static void hold(boolean holds, String rule) {
    if (!holds) {
      throw new ModelSpecException(rule);
    }
  }

  static void atLeastOne(String setting, int value) {
    hold(value >= 1, setting + " must be at least 1, is " + value);
  }

  static void epsilon(double value) {
    hold(value >= 1e-12 && value <= 1, "epsilon must be in [1e-12, 1], came " + value);
  }

  /** A sequence to states of some units. */
  static int[] sequence(int[] input, int units, boolean returnSequences) {
    hold(
        input.length == 2,
        "takes a sequence [length, channels], its input is " + Arrays.toString(input));
    atLeastOne("units", units);
    hold(units <= ModelSpec.MAXIMUM_SIZE / 4, "units are too many: " + units);
    return returnSequences ? new int[] {input[0], units} : new int[] {units};
  }

  /** The tensors of a recurrent layer. */
  static List<Weight> recurrent(
      Initializer initializer, int inputs, int units, int gates, Weight bias) {
    return List.of(
        new Weight("weight", initializer, inputs, units, inputs, gates * units),
        new Weight("recurrent", initializer, units, units, units, gates * units),
        bias);
  }

  static void picture(int[] input) {
    hold(
        input.length == 3,
        "takes a picture [height, width, channels], its input is " + Arrays.toString(input));
  }

  /** Rows and columns of windows over a picture. */
  static int[] windows(int[] input, Size kernel, Size strides, Padding padding) {
    picture(input);
    for (int value :
        new int[] {kernel.height(), kernel.width(), strides.height(), strides.width()}) {
      hold(
          value >= 1 && value <= ModelSpec.MAXIMUM_SIZE,
          "windows and strides must be at least 1, are " + kernel + " and " + strides);
    }
    int rows = padding.outputs(input[0], kernel.height(), strides.height());
    int columns = padding.outputs(input[1], kernel.width(), strides.width());
    hold(
        rows >= 1 && columns >= 1,
        "a window of "
            + kernel
            + " does not fit its input "
            + Arrays.toString(input)
            + ": take padding same or a smaller window");
    return new int[] {rows, columns};
  }

  /** The number of floats of a shape. */
  static int length(int[] shape) {
    long product = 1;
    for (int dimension : shape) {
      product *= dimension;
      hold(
          product <= ModelSpec.MAXIMUM_SIZE,
          "an example of shape "
              + Arrays.toString(shape)
              + " has more than "
              + ModelSpec.MAXIMUM_SIZE
              + " numbers");
    }
    return (int) product;
  }
}
