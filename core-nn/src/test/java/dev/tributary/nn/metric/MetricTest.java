package dev.tributary.nn.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Predictions;
import dev.tributary.nn.data.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MetricTest {

  static List<String> reference() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/metrics/metrics-reference.csv"));
  }

  /** Values of scikit-learn 1.9.1; metrics_reference.py beside the file makes them. */
  @ParameterizedTest
  @MethodSource("reference")
  void of_reference_agrees(String line) {
    String[] fields = line.split(",");
    int rows = Integer.parseInt(fields[1]);
    int classes = Integer.parseInt(fields[2]);
    float[] truth = floats(fields[3]);
    Predictions predictions = Predictions.of(Math.max(1, classes), floats(fields[4]));
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      labels[i] = (int) truth[i];
    }
    Dataset data =
        classes == 0
            ? Dataset.regression(new int[] {1}, new float[rows], truth)
            : Dataset.of(new int[] {1}, classes, new float[rows], labels);
    assertThat(fields.length).isGreaterThanOrEqualTo(8);
    for (String pair : Arrays.copyOfRange(fields, 5, fields.length)) {
      String[] sides = pair.split("=");
      Metric metric = Metric.byName(sides[0]);
      assertThat(metric.of(predictions, data))
          .as("%s with %d classes", metric.key(), classes)
          .isCloseTo(Double.parseDouble(sides[1]), within(1e-7));
    }
  }

  /** Five rows, worked out by hand: TP 2, FP 1, FN 1, TN 1. */
  @Test
  void of_oneOutput_isAYesOrNo() {
    Predictions predictions = Predictions.of(1, new float[] {0.9f, 0.6f, 0.5f, 0.2f, 0.1f});
    Dataset data = Dataset.of(new int[] {1}, 2, new float[5], new int[] {1, 0, 1, 1, 0});
    assertThat(Metric.ACCURACY.of(predictions, data)).isEqualTo(3 / 5.0);
    assertThat(Metric.PRECISION.of(predictions, data)).isEqualTo(2 / 3.0);
    assertThat(Metric.RECALL.of(predictions, data)).isEqualTo(2 / 3.0);
    assertThat(Metric.F1.of(predictions, data)).isCloseTo(2 / 3.0, within(1e-15));
    // Of the six pairs of a positive and a negative, (0.5, 0.6) and (0.2, 0.6) are the wrong way
    // round.
    assertThat(Metric.AUC.of(predictions, data)).isCloseTo(4 / 6.0, within(1e-15));
    double loss = -(Math.log(0.9) + Math.log(0.4) + Math.log(0.5) + Math.log(0.2) + Math.log(0.9));
    assertThat(Metric.PERPLEXITY.of(predictions, data)).isCloseTo(Math.exp(loss / 5), within(1e-6));
  }

  @Test
  void of_noRows_isNotANumber() {
    Dataset none = Dataset.of(new int[] {1}, 3, new float[0], new int[0]);
    for (Metric metric : Metric.values()) {
      boolean ofNumbers = List.of(Metric.RMSE, Metric.MAE, Metric.R2).contains(metric);
      Predictions predictions = Predictions.of(ofNumbers ? 1 : 3, new float[0]);
      assertThat(metric.of(predictions, none)).as(metric.key()).isNaN();
    }
  }

  @Test
  void of_whatDoesNotFit_isRefused() {
    Predictions three = Predictions.of(3, new float[3]);
    Dataset classes = Dataset.of(new int[] {1}, 3, new float[1], new int[1]);
    Dataset numbers = Dataset.regression(new int[] {1}, new float[1], new float[1]);
    assertThatThrownBy(() -> Metric.RMSE.of(three, classes))
        .hasMessage("rmse is for models with one output, this has 3");
    assertThatThrownBy(() -> Metric.F1.of(three, numbers))
        .hasMessage("f1 is for classes, the data has numbers");
    assertThatThrownBy(() -> Metric.AUC.of(three, classes.subset()))
        .hasMessage("rows of the data: expected 1, came 0");
    assertThatThrownBy(() -> Metric.byName("f2")).hasMessageContaining("no metric is called f2");
  }

  @Test
  void confusionMatrix_handExample_countsAndMerges() {
    ConfusionMatrix part = ConfusionMatrix.of(new int[] {0, 0, 1}, new int[] {0, 1, 1}, 4);
    ConfusionMatrix rest = ConfusionMatrix.of(new int[] {2, 1}, new int[] {0, 1}, 4);
    ConfusionMatrix both = part.merge(rest);
    assertThat(both.examples()).isEqualTo(5);
    assertThat(both.count(2, 0)).isEqualTo(1);
    assertThat(both.accuracy()).isEqualTo(3 / 5.0);
    assertThat(both.precision(0)).isEqualTo(1 / 2.0);
    assertThat(both.precision(1)).isEqualTo(2 / 3.0);
    assertThat(both.precision(2)).isZero();
    assertThat(both.recall(0)).isEqualTo(1 / 2.0);
    assertThat(both.recall(1)).isEqualTo(1);
    assertThat(both.f1(1)).isEqualTo(4 / 5.0);
    // Class 3 occurs nowhere and does not count.
    assertThat(both.macroF1()).isCloseTo((1 / 2.0 + 4 / 5.0 + 0) / 3, within(1e-15));
    assertThat(both.toString()).startsWith("[1, 1, 0, 0]\n[0, 2, 0, 0]\n[1, 0, 0, 0]\n");
    assertThatThrownBy(() -> ConfusionMatrix.of(new int[] {4}, new int[] {0}, 4))
        .hasMessage("row 0: class 4 is not in [0, 4)");
    assertThatThrownBy(() -> ConfusionMatrix.of(new int[0], new int[0], 1 << 20))
        .hasMessageContaining("classes: expected 1 to 8192");
  }

  @Test
  void auc_allTies_isOneHalf_andOneClassIsUndefined() {
    float[] ties = {-0f, 0f, 0f, -0f};
    assertThat(Classification.auc(ties, new boolean[] {true, false, true, false})).isEqualTo(0.5);
    assertThat(Classification.auc(ties, new boolean[4])).isNaN();
    float[] gap = {1f, Float.NaN};
    assertThat(Classification.auc(gap, new boolean[] {true, false})).isNaN();
  }

  /** Two bins of two rows each: |1/2 - 0.95| and |1 - 0.55|, each with half of the rows. */
  @Test
  void calibrationError_handExample_agrees() {
    float[] p = {0.95f, 0.05f, 0.05f, 0.95f, 0.55f, 0.45f, 0.45f, 0.55f};
    assertThat(Classification.calibrationError(p, new int[] {0, 0, 0, 1}, 2, 10))
        .isCloseTo(0.5 * 0.45 + 0.5 * 0.45, within(1e-7));
    assertThat(Classification.calibrationError(new float[] {1, 0}, new int[1], 2, 10)).isZero();
  }

  @Test
  void r2_knownCases() {
    float[] targets = {1, 2, 3};
    assertThat(Regression.r2(targets, targets)).isEqualTo(1);
    assertThat(Regression.r2(new float[] {2, 2, 2}, targets)).isZero();
    assertThat(Regression.r2(new float[] {3, 2, 1}, targets)).isEqualTo(-3);
    assertThat(Regression.r2(targets, new float[] {1, 1, 1})).isNaN();
    assertThat(Regression.rmse(new float[] {1, 2, 6}, targets)).isEqualTo(Math.sqrt(3));
    assertThat(Regression.mae(new float[] {0, 2, 5}, targets)).isEqualTo(1);
  }

  private static float[] floats(String text) {
    String[] words = text.split(" ");
    float[] values = new float[words.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(words[i]);
    }
    return values;
  }
}
