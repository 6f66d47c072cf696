package dev.tributary.simulation.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engines;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DenseInversionTest {
  private static final int INPUTS = 12;
  private static final ModelSpec MODEL =
      ModelSpec.builder(INPUTS)
          .rescaling(2, -0.5)
          .dense(8, Activation.RELU)
          .dense(3, Activation.SOFTMAX)
          .build();

  private static Dataset rows(int count, long seed) {
    Random random = new Random(seed);
    float[] features = new float[count * INPUTS];
    int[] labels = new int[count];
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextFloat();
    }
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(3);
    }
    return Dataset.of(new int[] {INPUTS}, 3, features, labels);
  }

  private static float[] update(ModelSpec model, Dataset rows, int epochs) {
    TrainingConfig config =
        new TrainingConfig(epochs, rows.size(), OptimizerSpec.sgd(0.1, 0, 0), LocalMethod.sgd());
    return LocalTraining.train(
            Engines.byName("java"), ModelFile.of(model, model.initialise(5)), rows, config, 1)
        .update();
  }

  /** What the layer saw comes back, rescaled, after one step and after several. */
  @Test
  void oneRow_isRecoveredExactly() {
    DenseInversion attack = DenseInversion.of(MODEL).orElseThrow();
    for (long seed = 0; seed < 10; seed++) {
      Dataset row = rows(1, seed);
      float[][] inputs = attack.inputs(row);
      float[] raw = new float[INPUTS];
      row.features(0, raw, 0);
      assertThat(inputs[0][3]).isEqualTo(Math.fma(2f, raw[3], -0.5f));
      for (int epochs : new int[] {1, 5}) {
        float[][] candidates = attack.candidates(update(MODEL, row, epochs));
        assertThat(candidates).isNotEmpty();
        assertThat(DenseInversion.errors(inputs, List.of(candidates))[0])
            .as("seed %d, %d epochs", seed, epochs)
            .isLessThan(1e-3);
      }
    }
  }

  @Test
  void errors_ofAStrangersRow_areLarge() {
    DenseInversion attack = DenseInversion.of(MODEL).orElseThrow();
    float[][] candidates = attack.candidates(update(MODEL, rows(1, 1), 1));
    assertThat(DenseInversion.errors(attack.inputs(rows(1, 2)), List.of(candidates))[0])
        .isGreaterThan(DenseInversion.RECOVERED);
    assertThat(DenseInversion.errors(attack.inputs(rows(1, 2)), List.of()))
        .containsExactly(Double.POSITIVE_INFINITY);
  }

  @Test
  void model_whoseFirstLayerIsNotATrainedDenseOne_hasNoInversion() {
    ModelSpec activated =
        ModelSpec.builder(INPUTS)
            .layer(new Layer.Activated(Activation.RELU))
            .dense(3, Activation.SOFTMAX)
            .build();
    assertThat(DenseInversion.of(activated)).isEmpty();
    ModelSpec frozen =
        ModelSpec.builder(INPUTS)
            .dense(8, Activation.RELU)
            .dense(3, Activation.SOFTMAX)
            .trainable("layers.1.*")
            .build();
    assertThat(DenseInversion.of(frozen)).isEmpty();
  }
}
