package dev.tributary.nn.metric;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Measures of classifiers that need more than the answer: the probabilities or scores. */
public final class Classification {
  private Classification() {}

  /**
   * Share of rows whose true class is among the {@code k} highest. Of equal numbers the class of
   * the lower index comes first; a row with a NaN is wrong.
   *
   * @param scores float32[n * classes], row-major
   * @param labels int[n]
   * @param k at least 1
   * @return NaN without rows
   */
  public static double topK(float[] scores, int[] labels, int classes, int k) {
    Checks.table(scores, labels.length, classes);
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, is " + k);
    }
    long right = 0;
    for (int row = 0; row < labels.length; row++) {
      Checks.label(labels[row], row, classes);
      float own = scores[row * classes + labels[row]];
      int ahead = 0;
      for (int c = 0; c < classes; c++) {
        float other = scores[row * classes + c];
        boolean behind = other < own || (other == own && c >= labels[row]);
        ahead += Float.isNaN(other) ? classes : behind ? 0 : 1;
      }
      right += ahead < k ? 1 : 0;
    }
    return (double) right / labels.length;
  }

  /**
   * Area under the ROC curve of a two-class score: the chance that a positive example scores higher
   * than a negative one, ties counted half (Hanley and McNeil 1982, Radiology 143), from the rank
   * sum of Mann and Whitney.
   *
   * @param scores float32[n], higher means positive
   * @param positive boolean[n]
   * @return NaN if one of the two classes is empty, or a score is NaN
   */
  public static double auc(float[] scores, boolean[] positive) {
    Checks.sameLength("scores", scores.length, positive.length);
    for (float score : scores) {
      if (Float.isNaN(score)) {
        return Double.NaN;
      }
    }
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted((a, b) -> Float.compare(scores[a] + 0f, scores[b] + 0f))
            .mapToInt(Integer::intValue)
            .toArray();
    double ranks = 0;
    long positives = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        if (positive[order[i]]) {
          positives++;
          ranks += (from + 1 + to) / 2.0;
        }
      }
      from = to;
    }
    long negatives = order.length - positives;
    return positives == 0 || negatives == 0
        ? Double.NaN
        : (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }

  /**
   * Mean over the classes of each one's area against the rest; classes that have no example or
   * nothing else are left out. NaN if that leaves none.
   *
   * @param scores float32[n * classes], row-major
   */
  public static double macroAuc(float[] scores, int[] labels, int classes) {
    Checks.table(scores, labels.length, classes);
    double sum = 0;
    int counted = 0;
    float[] column = new float[labels.length];
    boolean[] positive = new boolean[labels.length];
    for (int c = 0; c < classes; c++) {
      int examples = 0;
      for (int row = 0; row < labels.length; row++) {
        Checks.label(labels[row], row, classes);
        column[row] = scores[row * classes + c];
        positive[row] = labels[row] == c;
        examples += positive[row] ? 1 : 0;
      }
      if (examples > 0 && examples < labels.length) {
        sum += auc(column, positive);
        counted++;
      }
    }
    return sum / counted;
  }

  /**
   * Expected calibration error: the rows go by their highest probability into bins of equal width,
   * and the gaps between mean probability and accuracy of the bins are averaged by their rows (Guo
   * et al. 2017, arXiv 1706.04599, equation 3).
   *
   * @param probabilities float32[n * classes], row-major, in [0, 1]
   * @param bins at least 1; 15 in the paper
   * @return in [0, 1]; NaN without rows or with a NaN among the probabilities
   */
  public static double calibrationError(
      float[] probabilities, int[] labels, int classes, int bins) {
    Checks.table(probabilities, labels.length, classes);
    if (bins < 1) {
      throw new IllegalArgumentException("bins must be at least 1, is " + bins);
    }
    double[] gap = new double[bins];
    for (int row = 0; row < labels.length; row++) {
      Checks.label(labels[row], row, classes);
      int answer = answer(probabilities, row * classes, classes);
      double confidence = probabilities[row * classes + answer];
      if (Double.isNaN(confidence)) {
        return Double.NaN;
      }
      int bin = (int) Math.ceil(confidence * bins) - 1;
      gap[Math.max(0, Math.min(bins - 1, bin))] += (answer == labels[row] ? 1 : 0) - confidence;
    }
    return Arrays.stream(gap).map(Math::abs).sum() / labels.length;
  }

  /**
   * exp of the mean loss in nats (Jelinek, Mercer, Bahl and Baker 1977): how many equally likely
   * classes would be as hard to tell.
   */
  public static double perplexity(double meanLoss) {
    return Math.exp(meanLoss);
  }

  /** Index of the highest of a row, the first of equals; a NaN wins, so that it shows. */
  static int answer(float[] values, int from, int width) {
    int best = 0;
    for (int j = 0; j < width; j++) {
      if (Float.isNaN(values[from + j])) {
        return j;
      }
      if (values[from + j] > values[from + best]) {
        best = j;
      }
    }
    return best;
  }
}
