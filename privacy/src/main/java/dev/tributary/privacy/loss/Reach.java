package dev.tributary.privacy.loss;

/** How far out a standard normal has at most some mass: Phi(-x) &lt;= exp(-x^2 / 2). */
final class Reach {
  private Reach() {}

  static double of(double tail) {
    return Math.sqrt(-2 * Math.log(tail));
  }
}
