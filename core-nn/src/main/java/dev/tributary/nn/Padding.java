package dev.tributary.nn;

import java.util.Locale;

/** What a window does at the border of a picture, as Keras and TensorFlow define it. */
public enum Padding {
  /** Windows lie inside: out = floor((in - kernel) / stride) + 1. */
  VALID,
  /** out = ceil(in / stride): zeros around, of which the odd one lies behind. */
  SAME;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Windows along a dimension; below 1 if not one fits. */
  public int outputs(int inputs, int kernel, int stride) {
    return this == SAME
        ? (inputs - 1) / stride + 1
        : inputs < kernel ? 0 : (inputs - kernel) / stride + 1;
  }

  /** Zeros before the first input of a dimension. */
  public int before(int inputs, int kernel, int stride) {
    if (this == VALID) {
      return 0;
    }
    return Math.max((outputs(inputs, kernel, stride) - 1) * stride + kernel - inputs, 0) / 2;
  }
}
