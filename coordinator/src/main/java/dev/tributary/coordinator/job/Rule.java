package dev.tributary.coordinator.job;

/**
 * A range that a number keeps to, with the words that say so.
 *
 * @param withLeast whether the lower end belongs to the range
 * @param withMost whether the upper end belongs to it
 * @param fallback stands in for a number outside, so that the rest of the file is read too
 */
record Rule(double least, boolean withLeast, double most, boolean withMost, double fallback) {

  /** Both ends belong to the range. */
  static Rule between(double least, double most) {
    return new Rule(least, true, most, true, least);
  }

  /** Neither end belongs to the range. */
  static Rule inside(double above, double below) {
    return new Rule(above, false, below, false, (above + below) / 2);
  }

  /** From {@code least}, which belongs to the range, up to {@code below}, which does not. */
  static Rule from(double least, double below) {
    return new Rule(least, true, below, false, least);
  }

  /** The same range, with what stands in for a number outside. */
  Rule orElse(double value) {
    return new Rule(least, withLeast, most, withMost, value);
  }

  boolean holds(double x) {
    return (withLeast ? x >= least : x > least) && (withMost ? x <= most : x < most);
  }

  String text() {
    if (withLeast && withMost) {
      return "must be between " + plain(least) + " and " + plain(most);
    }
    return "must be "
        + (withLeast ? "at least " : "greater than ")
        + plain(least)
        + " and "
        + (withMost ? "at most " : "less than ")
        + plain(most);
  }

  /** What to write in place of a number outside. */
  String wayOut(String key, double x) {
    if (x > most && withMost) {
      return "Write " + key + ": " + plain(most) + " or less.";
    }
    if (x < least && withLeast) {
      return "Write " + key + ": " + plain(least) + " or more.";
    }
    return "Choose another " + key + ".";
  }

  private static String plain(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15
        ? Long.toString((long) x)
        : Double.toString(x).replace("E", "e").replace(".0e", "e");
  }
}
