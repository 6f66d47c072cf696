package dev.tributary.nn;

/**
 * Sums that evaluations of parts can be merged by.
 *
 * @param examples how many
 * @param lossSum sum of their losses
 * @param correct how many were classified rightly
 */
public record Metrics(long examples, double lossSum, long correct) {
  /** Of no examples. */
  public static final Metrics NONE = new Metrics(0, 0, 0);

  /** The metrics of both parts together. */
  public Metrics merge(Metrics other) {
    return new Metrics(examples + other.examples, lossSum + other.lossSum, correct + other.correct);
  }

  /** Share of right answers in [0, 1]; NaN without examples. */
  public double accuracy() {
    return (double) correct / examples;
  }

  /** Mean loss; NaN without examples. */
  public double loss() {
    return lossSum / examples;
  }
}
