package dev.tributary.coordinator.job;

import java.util.function.DoublePredicate;

/** A range that a number keeps to, with the words that say so. */
record Rule(DoublePredicate holds, String text, double fallback) {

  static Rule finite() {
    return new Rule(Double::isFinite, "must be a finite number", 0);
  }

  static Rule positive() {
    return new Rule(x -> x > 0 && Double.isFinite(x), "must be greater than 0", 1);
  }

  static Rule atLeast(double least) {
    return new Rule(
        x -> x >= least && Double.isFinite(x), "must be at least " + plain(least), least);
  }

  /** Both ends belong to the range. */
  static Rule between(double least, double most) {
    return new Rule(
        x -> x >= least && x <= most,
        "must be between " + plain(least) + " and " + plain(most),
        least);
  }

  /** Neither end belongs to the range. */
  static Rule inside(double above, double below) {
    return new Rule(
        x -> x > above && x < below,
        "must be greater than " + plain(above) + " and less than " + plain(below),
        (above + below) / 2);
  }

  /** From {@code least}, which belongs to the range, up to {@code below}, which does not. */
  static Rule from(double least, double below) {
    return new Rule(
        x -> x >= least && x < below,
        "must be at least " + plain(least) + " and less than " + plain(below),
        least);
  }

  private static String plain(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }
}
