package dev.tributary.privacy.loss;

/** The logarithm of a sum whose terms are given by their logarithms. */
public final class LogSum {
  private double largest = Double.NEGATIVE_INFINITY;
  private double scaled;

  public void add(double logarithm) {
    if (logarithm == Double.NEGATIVE_INFINITY) {
      return;
    }
    if (logarithm > largest) {
      scaled = 1 + scaled * Math.exp(largest - logarithm);
      largest = logarithm;
    } else {
      scaled += Math.exp(logarithm - largest);
    }
  }

  /** Negative infinity if nothing was added. */
  public double value() {
    return largest + Math.log(scaled);
  }
}
