package dev.tributary.nn.metric;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Predictions;
import dev.tributary.nn.data.Dataset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The measures by name, of predictions against the rows that they were made for. The formulas and
 * their sources stand at {@link ConfusionMatrix}, {@link Classification} and {@link Regression}.
 *
 * <p>A model with one output that is asked about classes is a yes or no: its output is the
 * probability of class 1. With two classes, precision, recall and F1 are those of class 1 and the
 * area is that of its score; with more they are the means over the classes.
 */
public enum Metric {
  ACCURACY,
  TOP_3,
  TOP_5,
  PRECISION,
  RECALL,
  F1,
  AUC,
  /** Expected calibration error in 15 bins. */
  CALIBRATION_ERROR,
  PERPLEXITY,
  RMSE,
  MAE,
  R2;

  private static final int BINS = 15;

  /** The name in files: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The metric of that name.
   *
   * @throws IllegalArgumentException that lists the names if there is none
   */
  public static Metric byName(String key) {
    return Arrays.stream(values())
        .filter(metric -> metric.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no metric is called "
                        + key
                        + "; there are "
                        + Arrays.stream(values()).map(Metric::key).toList()));
  }

  /** Why models of this kind cannot be measured so; empty if they can. */
  public Optional<String> refusal(ModelSpec spec) {
    if (spec.outputs() != spec.classes()) {
      return Optional.of(key() + " is for models with one answer to a row, not to each position");
    }
    return ofNumbers() && spec.outputs() != 1
        ? Optional.of(key() + " is for models with one output, this has " + spec.outputs())
        : Optional.empty();
  }

  private boolean ofNumbers() {
    return this == RMSE || this == MAE || this == R2;
  }

  /** Whether rows with a number in place of a class can be measured so. */
  public boolean suits(Dataset data) {
    return ofNumbers() || data.classes() > 0;
  }

  /**
   * Measures.
   *
   * @param data the rows of the predictions, in their order, with the truth
   * @return NaN where the measure is not defined, as without rows
   * @throws IllegalArgumentException if the rows are not as many, or the measure is one of classes
   *     and the data has none, or one of numbers and the model has several outputs
   */
  public double of(Predictions predictions, Dataset data) {
    Checks.sameLength("rows of the data", data.size(), predictions.rows());
    return switch (this) {
      case RMSE -> Regression.rmse(numbers(predictions), targets(data));
      case MAE -> Regression.mae(numbers(predictions), targets(data));
      case R2 -> Regression.r2(numbers(predictions), targets(data));
      case ACCURACY, PRECISION, RECALL, F1 -> ofAnswers(predictions, labels(data));
      default -> ofScores(predictions, labels(data));
    };
  }

  private double ofAnswers(Predictions predictions, int[] labels) {
    int classes = Math.max(2, predictions.width());
    int[] answers = IntStream.range(0, predictions.rows()).map(predictions::label).toArray();
    ConfusionMatrix matrix = ConfusionMatrix.of(labels, answers, classes);
    boolean two = classes == 2;
    return switch (this) {
      case ACCURACY -> matrix.accuracy();
      case PRECISION -> two ? matrix.precision(1) : matrix.macroPrecision();
      case RECALL -> two ? matrix.recall(1) : matrix.macroRecall();
      default -> two ? matrix.f1(1) : matrix.macroF1();
    };
  }

  private double ofScores(Predictions predictions, int[] labels) {
    int classes = Math.max(2, predictions.width());
    float[] table = table(predictions);
    return switch (this) {
      case TOP_3 -> Classification.topK(table, labels, classes, 3);
      case TOP_5 -> Classification.topK(table, labels, classes, 5);
      case AUC -> Classification.macroAuc(table, labels, classes);
      case CALIBRATION_ERROR -> Classification.calibrationError(table, labels, classes, BINS);
      default -> Classification.perplexity(meanLoss(table, labels, classes));
    };
  }

  private static double meanLoss(float[] probabilities, int[] labels, int classes) {
    double sum = 0;
    for (int row = 0; row < labels.length; row++) {
      Checks.label(labels[row], row, classes);
      sum -= Math.log(probabilities[row * classes + labels[row]]);
    }
    return sum / labels.length;
  }

  /** float32[rows * classes]: a single output p becomes 1 - p and p. */
  private static float[] table(Predictions predictions) {
    if (predictions.width() > 1) {
      return predictions.outputs();
    }
    float[] table = new float[2 * predictions.rows()];
    for (int row = 0; row < predictions.rows(); row++) {
      table[2 * row + 1] = predictions.output(row, 0);
      table[2 * row] = 1 - table[2 * row + 1];
    }
    return table;
  }

  private float[] numbers(Predictions predictions) {
    if (predictions.width() != 1) {
      throw new IllegalArgumentException(
          key() + " is for models with one output, this has " + predictions.width());
    }
    return predictions.outputs();
  }

  private static float[] targets(Dataset data) {
    float[] targets = new float[data.size()];
    for (int row = 0; row < targets.length; row++) {
      targets[row] = data.target(row);
    }
    return targets;
  }

  private int[] labels(Dataset data) {
    if (data.classes() == 0) {
      throw new IllegalArgumentException(key() + " is for classes, the data has numbers");
    }
    return IntStream.range(0, data.size()).map(data::label).toArray();
  }
}
