package dev.tributary.nn.metric;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * How often each class was taken for each: rows are the truth, columns the answers. Merges, so that
 * parts can be measured apart.
 *
 * <p>Precision, recall and F1 are those of van Rijsbergen (Information Retrieval, 1979, chapter 7).
 * A ratio 0 / 0 counts as 0, and the macro averages run over the classes that occur as truth or as
 * answer: both as scikit-learn does it.
 */
public final class ConfusionMatrix {
  private static final int MAXIMUM_CLASSES = 1 << 13;

  private final int classes;
  private final long[] counts;

  private ConfusionMatrix(int classes, long[] counts) {
    this.classes = classes;
    this.counts = counts;
  }

  /**
   * Counts.
   *
   * @param truth int[n], each in [0, classes)
   * @param answers int[n], each in [0, classes)
   * @param classes 1 to 8192: the matrix has classes^2 numbers
   * @throws IllegalArgumentException if a length, class or the number of classes breaks that
   */
  public static ConfusionMatrix of(int[] truth, int[] answers, int classes) {
    if (classes < 1 || classes > MAXIMUM_CLASSES) {
      throw new IllegalArgumentException(
          "classes: expected 1 to " + MAXIMUM_CLASSES + ", came " + classes);
    }
    Checks.sameLength("answers", answers.length, truth.length);
    long[] counts = new long[classes * classes];
    for (int i = 0; i < truth.length; i++) {
      Checks.label(truth[i], i, classes);
      Checks.label(answers[i], i, classes);
      counts[truth[i] * classes + answers[i]]++;
    }
    return new ConfusionMatrix(classes, counts);
  }

  public int classes() {
    return classes;
  }

  /** How many examples of class {@code truth} were answered with {@code answer}. */
  public long count(int truth, int answer) {
    Checks.label(truth, 0, classes);
    Checks.label(answer, 0, classes);
    return counts[truth * classes + answer];
  }

  /**
   * The counts of both.
   *
   * @throws IllegalArgumentException if they have different numbers of classes
   */
  public ConfusionMatrix merge(ConfusionMatrix other) {
    Checks.sameLength("classes", other.classes, classes);
    long[] sum = counts.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.counts[i];
    }
    return new ConfusionMatrix(classes, sum);
  }

  /** Number of examples. */
  public long examples() {
    return Arrays.stream(counts).sum();
  }

  /** Share of right answers; NaN without examples. */
  public double accuracy() {
    long right = 0;
    for (int c = 0; c < classes; c++) {
      right += counts[c * classes + c];
    }
    return (double) right / examples();
  }

  /** Of the answers {@code c}, the share that is right: TP / (TP + FP). */
  public double precision(int c) {
    return ratio(count(c, c), answered(c));
  }

  /** Of the examples of class {@code c}, the share that is answered so: TP / (TP + FN). */
  public double recall(int c) {
    return ratio(count(c, c), there(c));
  }

  /** The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN). */
  public double f1(int c) {
    return ratio(2 * count(c, c), answered(c) + there(c));
  }

  /** Mean precision over the classes that occur; NaN without examples. */
  public double macroPrecision() {
    return macro(this::precision);
  }

  /** Mean recall over the classes that occur; NaN without examples. */
  public double macroRecall() {
    return macro(this::recall);
  }

  /** Mean F1 over the classes that occur; NaN without examples. */
  public double macroF1() {
    return macro(this::f1);
  }

  private double macro(IntToDoubleFunction each) {
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < classes; c++) {
      if (answered(c) + there(c) > 0) {
        sum += each.applyAsDouble(c);
        occurring++;
      }
    }
    return sum / occurring;
  }

  private long answered(int c) {
    long sum = 0;
    for (int truth = 0; truth < classes; truth++) {
      sum += counts[truth * classes + c];
    }
    return sum;
  }

  private long there(int c) {
    long sum = 0;
    for (int answer = 0; answer < classes; answer++) {
      sum += counts[c * classes + answer];
    }
    return sum;
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** One line per true class. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < classes; c++) {
      text.append(Arrays.toString(Arrays.copyOfRange(counts, c * classes, (c + 1) * classes)))
          .append('\n');
    }
    return text.toString();
  }
}
