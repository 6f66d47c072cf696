package dev.tributary.nn;

/**
 * Rows and columns of a window or a stride, {@code [height, width]} in a model description; one
 * number there stands for both.
 */
public record Size(int height, int width) {

  /** As wide as high. */
  public static Size of(int both) {
    return new Size(both, both);
  }

  @Override
  public String toString() {
    return "[" + height + ", " + width + "]";
  }
}
