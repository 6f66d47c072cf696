package dev.tributary.privacy;

/**
 * The fast Walsh-Hadamard transform in place, unscaled. Eight neighbours are done in registers,
 * then two levels in each pass over memory, small parts whole before large ones, so that they stay
 * in the cache. The order of operations on each element depends on n alone, so results repeat bit
 * by bit.
 */
final class Hadamard {
  private static final int FIRST = 8;

  /** Elements that stay in the first cache. */
  private static final int PART = 1 << 11;

  private Hadamard() {}

  static void transform(double[] x, int n) {
    if (Integer.bitCount(n) != 1 || n > x.length) {
      throw new IllegalArgumentException(
          "length must be a power of two within the array of " + x.length + ", was " + n);
    }
    if (n < FIRST) {
      levels(x, 0, n, 1);
      return;
    }
    int part = Math.min(n, PART);
    for (int from = 0; from < n; from += part) {
      for (int i = from; i < from + part; i += FIRST) {
        threeLevels(x, i);
      }
      levels(x, from, part, FIRST);
    }
    levels(x, 0, n, part);
  }

  /** The levels of {@code [from, from + n)} from distance {@code first} on. */
  private static void levels(double[] x, int from, int n, int first) {
    int h = first;
    for (; h * 8 <= n; h *= 8) {
      for (int at = from; at < from + n; at += 8 * h) {
        threeLevels(x, at, h);
      }
    }
    if (h * 4 <= n) {
      for (int at = from; at < from + n; at += 4 * h) {
        twoLevels(x, at, h);
      }
    } else if (h < n) {
      oneLevel(x, from, h);
    }
  }

  /** Distances 1, 2 and 4 of eight elements. */
  private static void threeLevels(double[] x, int from) {
    double a = x[from] + x[from + 1];
    double b = x[from] - x[from + 1];
    double c = x[from + 2] + x[from + 3];
    double d = x[from + 2] - x[from + 3];
    double e = x[from + 4] + x[from + 5];
    double f = x[from + 4] - x[from + 5];
    double g = x[from + 6] + x[from + 7];
    double h = x[from + 6] - x[from + 7];
    double ac = a + c;
    double bd = b + d;
    double amc = a - c;
    double bmd = b - d;
    double eg = e + g;
    double fh = f + h;
    double emg = e - g;
    double fmh = f - h;
    x[from] = ac + eg;
    x[from + 1] = bd + fh;
    x[from + 2] = amc + emg;
    x[from + 3] = bmd + fmh;
    x[from + 4] = ac - eg;
    x[from + 5] = bd - fh;
    x[from + 6] = amc - emg;
    x[from + 7] = bmd - fmh;
  }

  private static void threeLevels(double[] x, int from, int s) {
    for (int i = from; i < from + s; i++) {
      double a = x[i] + x[i + s];
      double b = x[i] - x[i + s];
      double c = x[i + 2 * s] + x[i + 3 * s];
      double d = x[i + 2 * s] - x[i + 3 * s];
      double e = x[i + 4 * s] + x[i + 5 * s];
      double f = x[i + 4 * s] - x[i + 5 * s];
      double g = x[i + 6 * s] + x[i + 7 * s];
      double h = x[i + 6 * s] - x[i + 7 * s];
      double ac = a + c;
      double bd = b + d;
      double amc = a - c;
      double bmd = b - d;
      double eg = e + g;
      double fh = f + h;
      double emg = e - g;
      double fmh = f - h;
      x[i] = ac + eg;
      x[i + s] = bd + fh;
      x[i + 2 * s] = amc + emg;
      x[i + 3 * s] = bmd + fmh;
      x[i + 4 * s] = ac - eg;
      x[i + 5 * s] = bd - fh;
      x[i + 6 * s] = amc - emg;
      x[i + 7 * s] = bmd - fmh;
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

  private static void oneLevel(double[] x, int from, int h) {
    for (int i = from; i < from + h; i++) {
      double a = x[i];
      double b = x[i + h];
      x[i] = a + b;
      x[i + h] = a - b;
    }
  }
}
