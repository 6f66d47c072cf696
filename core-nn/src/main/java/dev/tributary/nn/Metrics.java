package dev.tributary.nn;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sums that evaluations of parts can be merged by.
 *
 * @param examples how many
 * @param lossSum sum of their losses
 * @param correct how many were classified rightly; below 0 where they carry numbers and no classes
 * @param named further measures of all examples by name, which do not add up: merged metrics have
 *     none; NaN where one is not defined
 */
public record Metrics(
    long examples, double lossSum, long correct, SortedMap<String, Double> named) {
  /** Of no examples. */
  public static final Metrics NONE = new Metrics(0, 0, 0);

  public Metrics {
    named = Collections.unmodifiableSortedMap(new TreeMap<>(named));
  }

  /** Sums alone. */
  public Metrics(long examples, double lossSum, long correct) {
    this(examples, lossSum, correct, Collections.emptySortedMap());
  }

  /** The same sums with these measures. */
  public Metrics with(SortedMap<String, Double> measures) {
    return new Metrics(examples, lossSum, correct, measures);
  }

  /** The metrics of both parts together. */
  public Metrics merge(Metrics other) {
    return new Metrics(examples + other.examples, lossSum + other.lossSum, correct + other.correct);
  }

  /** Share of right answers in [0, 1]; NaN without examples, and where they carry no classes. */
  public double accuracy() {
    return correct < 0 ? Double.NaN : (double) correct / examples;
  }

  /** Mean loss; NaN without examples. */
  public double loss() {
    return lossSum / examples;
  }
}
