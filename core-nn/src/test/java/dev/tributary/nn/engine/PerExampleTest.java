package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LayerModels;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Samples;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The clipped sum against the gradient of each row made by itself. */
final class PerExampleTest {
  private static final int ROWS = 6;
  private static final Engine JAVA = new JavaEngine();

  static List<ModelSpec> models() {
    return LayerModels.all().stream()
        .filter(spec -> !spec.toJson().contains("batch_normalization"))
        // What dropout keeps depends on the place in the batch.
        .filter(spec -> !spec.toJson().contains("dropout"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradient_isTheSumOfTheClippedGradientsOfRows(ModelSpec spec) {
    Dataset data = Samples.data(spec, ROWS, 5);
    float[] parameters = Samples.values(spec, 8);
    double[][] rows = new double[ROWS][];
    double[] norms = new double[ROWS];
    for (int row = 0; row < ROWS; row++) {
      rows[row] = gradient(spec, Mode.wholeBatch(), parameters, data, row, 1);
      norms[row] = Math.sqrt(Arrays.stream(rows[row]).map(v -> v * v).sum());
    }
    double[] sorted = norms.clone();
    Arrays.sort(sorted);
    double clipNorm = (sorted[2] + sorted[3]) / 2; // some rows are longer, some are not
    double[] sum = gradient(spec, Mode.perExample(clipNorm), parameters, data, 0, ROWS);
    for (int i = 0; i < sum.length; i++) {
      double expected = 0;
      for (int row = 0; row < ROWS; row++) {
        expected += rows[row][i] * Math.min(1, clipNorm / norms[row]);
      }
      assertThat(sum[i])
          .as("%s, parameter %d", spec, i)
          .isCloseTo(expected, within(5e-6 + 2e-5 * Math.abs(expected)));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradient_byPlainLoopsAndVectors_hasTheSameBits(ModelSpec spec) {
    Dataset data = Samples.data(spec, ROWS, 5);
    float[] parameters = Samples.values(spec, 8);
    Mode mode = Mode.perExample(0.01);
    assertThat(gradient(new JavaEngine(PlainKernels::new), spec, mode, parameters, data, 0, ROWS))
        .isEqualTo(gradient(spec, mode, parameters, data, 0, ROWS));
  }

  private static double[] gradient(
      ModelSpec spec, Mode mode, float[] parameters, Dataset data, int from, int rows) {
    return gradient(JAVA, spec, mode, parameters, data, from, rows);
  }

  private static double[] gradient(
      Engine engine,
      ModelSpec spec,
      Mode mode,
      float[] parameters,
      Dataset data,
      int from,
      int rows) {
    float[] gradient = new float[parameters.length];
    try (Program program = engine.compile(spec, ROWS, mode)) {
      Batch batch = new Batch(spec, ROWS);
      int[] order = {0, 1, 2, 3, 4, 5};
      batch.fill(data, order, from, rows);
      program.gradient(parameters, batch, gradient);
    }
    double[] wide = new double[gradient.length];
    Arrays.setAll(wide, i -> gradient[i]);
    return wide;
  }

  @Test
  void compile_ofALayerThatDoesNotAllowIt_saysWhichAndWhy() {
    ModelSpec batchNorm =
        ModelSpec.builder(4)
            .dense(3, Activation.TANH)
            .layer(new Layer.BatchNormalization(0.9, 1e-5))
            .dense(2, Activation.SOFTMAX)
            .build();
    for (Engine engine : List.of(JAVA, new Nd4jEngine())) {
      assertThatThrownBy(() -> engine.compile(batchNorm, 4, Mode.perExample(1)))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("layer 1 (batch_normalization) does not allow clipping of single")
          .hasMessageContaining("mixes the examples of a batch");
    }
    assertThatThrownBy(() -> Mode.perExample(0)).hasMessageContaining("clipNorm must be above 0");
  }

  @Test
  void models_coverEveryLayerThatAllowsIt() {
    String all = models().toString();
    assertThat(all)
        .contains("dense", "conv2d", "\"groups\":2", "group_normalization", "layer_normalization")
        .contains("residual", "max_pooling2d", "average_pooling2d", "gelu")
        .contains("embedding", "positional_encoding", "multi_head_attention", "conv2d_transpose")
        .contains("simple_rnn", "lstm", "gru");
  }

  @Test
  void bytes_growWithTheBatch_andAreRefusedAboveTheHeap() {
    ModelSpec spec = LayerModels.pictures().get(0);
    for (Engine engine : List.of(JAVA, new Nd4jEngine())) {
      long one = engine.bytes(spec, 1, Mode.wholeBatch());
      long hundred = engine.bytes(spec, 100, Mode.wholeBatch());
      assertThat(hundred).isBetween(2 * one, 100 * one);
    }
    ModelSpec large =
        ModelSpec.builder(1 << 16)
            .dense(1 << 6, Activation.RELU)
            .dense(2, Activation.SOFTMAX)
            .build();
    int rows = (int) Math.min(1 << 24, Runtime.getRuntime().maxMemory() / (2 * 4 * (1 << 6)) + 1);
    assertThatThrownBy(() -> JAVA.compile(large, rows, Mode.wholeBatch()))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("lower batchSize");
  }
}
