package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import org.junit.jupiter.api.Test;

final class BatchNormalizationTest {
  private static final int ROWS = 16;
  private static final ModelSpec SPEC =
      ModelSpec.builder(3)
          .layer(new Layer.BatchNormalization(0.75, 1e-5))
          .dense(2, Activation.SOFTMAX)
          .build();

  @Test
  void statistics_startAtTheStandardNormal_andAreNamed() {
    float[] start = SPEC.initialise(1);
    assertThat(SPEC.statistics())
        .extracting(Layout.Tensor::name)
        .containsExactly("layers.0.mean", "layers.0.variance");
    assertThat(start[SPEC.layout().tensor("layers.0.mean").offset()]).isZero();
    assertThat(start[SPEC.layout().tensor("layers.0.variance").offset()]).isEqualTo(1f);
    assertThat(start[SPEC.layout().tensor("layers.0.weight").offset()]).isEqualTo(1f);
  }

  /** One step, with a pull to the start and weight decay, which must not touch statistics. */
  @Test
  void train_movesStatisticsByMomentumAlone() {
    Dataset data = Models.noise(SPEC, ROWS, 3);
    float[] values = Models.values(SPEC, 2);
    ModelFile start = ModelFile.of(SPEC, values);
    TrainingConfig config =
        new TrainingConfig(
            1,
            ROWS,
            OptimizerSpec.sgd(0.3, 0.9, 0.1),
            LocalMethod.prox(0.5),
            Schedule.constant(),
            1e-3);
    float[] update = LocalTraining.train(new JavaEngine(), start, data, config, 1).update();
    int means = SPEC.layout().tensor("layers.0.mean").offset();
    int variances = SPEC.layout().tensor("layers.0.variance").offset();
    for (int c = 0; c < 3; c++) {
      double mean = 0;
      double square = 0;
      float[] row = new float[3];
      for (int i = 0; i < ROWS; i++) {
        data.features(i, row, 0);
        mean += row[c] / ROWS;
        square += (double) row[c] * row[c] / ROWS;
      }
      double variance = square - mean * mean;
      assertThat((double) update[means + c])
          .isCloseTo(0.25 * (mean - values[means + c]), within(1e-6));
      assertThat((double) update[variances + c])
          .isCloseTo(0.25 * (variance - values[variances + c]), within(1e-6));
    }
  }

  /**
   * Outside training a row's outputs do not depend on the others; a variance below 0 counts as 0.
   */
  @Test
  void forward_usesTheStatistics() {
    Dataset data = Models.noise(SPEC, ROWS, 3);
    float[] values = Models.values(SPEC, 2);
    values[SPEC.layout().tensor("layers.0.variance").offset()] = -1e-3f;
    float[] all = new float[ROWS * 2];
    float[] one = new float[2];
    try (Program program = new JavaEngine().compile(SPEC, ROWS, Mode.wholeBatch())) {
      Batch batch = new Batch(SPEC, ROWS);
      batch.fill(data, Models.order(ROWS), 0, ROWS);
      program.gradient(values, batch, new float[values.length]);
      program.forward(values, batch, all);
      batch.fill(data, Models.order(ROWS), 5, 1);
      program.forward(values, batch, one);
    }
    assertThat(one).containsExactly(all[10], all[11]);
    for (float output : all) {
      assertThat(output).isFinite();
    }
  }
}
