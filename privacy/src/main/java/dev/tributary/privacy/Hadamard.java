package dev.tributary.privacy;

/**
 * The fast Walsh-Hadamard transform in place, unscaled. Two levels are done in one pass over
 * memory, and the order of operations depends on n alone, so results repeat bit by bit.
 */
final class Hadamard {
  private Hadamard() {}

  static void transform(double[] x, int n) {
    if (Integer.bitCount(n) != 1 || n > x.length) {
      throw new IllegalArgumentException(
          "length must be a power of two within the array of " + x.length + ", was " + n);
    }
    int h = 1;
    for (; h * 4 <= n; h *= 4) {
      for (int from = 0; from < n; from += 4 * h) {
        twoLevels(x, from, h);
      }
    }
    if (h < n) {
      oneLevel(x, h);
    }
  }

  private static void twoLevels(double[] x, int from, int h) {
    for (int i = from; i < from + h; i++) {
      double a = x[i];
      double b = x[i + h];
      double c = x[i + 2 * h];
      double d = x[i + 3 * h];
      double ab = a + b;
      double cd = c + d;
      double amb = a - b;
      double cmd = c - d;
      x[i] = ab + cd;
      x[i + h] = amb + cmd;
      x[i + 2 * h] = ab - cd;
      x[i + 3 * h] = amb - cmd;
    }
  }

  private static void oneLevel(double[] x, int h) {
    for (int i = 0; i < h; i++) {
      double a = x[i];
      double b = x[i + h];
      x[i] = a + b;
      x[i + h] = a - b;
    }
  }
}
