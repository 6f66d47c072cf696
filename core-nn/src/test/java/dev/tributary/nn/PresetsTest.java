package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The numbers of parameters that the papers state, or that follow from what they state. */
final class PresetsTest {
  @Test
  void presets_haveTheParametersOfTheirPapers() {
    assertThat(Presets.mcMahan2nn().layout().size()).isEqualTo(199_210);
    assertThat(Presets.mcMahanCnn().layout().size()).isEqualTo(1_663_370);
    assertThat(Presets.leafFemnistCnn().layout().size()).isEqualTo(6_603_710);
    assertThat(Presets.linearRegression(7).layout().size()).isEqualTo(8);
    assertThat(Presets.logisticRegression(100, 2).layout().size()).isEqualTo(202);
    assertThat(Presets.autoencoder(100, 48, 12).layout().size())
        .isEqualTo(100 * 48 + 48 + 48 * 12 + 12 + 12 * 48 + 48 + 48 * 100 + 100);
    assertThat(Presets.autoencoder(100, 48, 12).outputs()).isEqualTo(100);
    assertThat(Presets.shakespeareLstm(80, 80).layout().size()).isEqualTo(817_872);
    assertThat(Presets.shakespeareLstm(90, 80).layout().size()).isEqualTo(820_522);
    int head = 50_257 * 768 + 50_257;
    assertThat(Presets.gpt(50_257, 1_024, 768, 12, 12).layout().size())
        .isEqualTo(124_439_808 + head);
    // MLPerf Tiny counts 78,666 and Keras 274,442, with 480 and 1,376 statistics of batches.
    assertThat(Presets.resNet8(32, 32, 3, 10).layout().size()).isEqualTo(78_666 - 480);
    assertThat(Presets.resNet20(32, 32, 3, 10).layout().size()).isEqualTo(274_442 - 1_376);
  }

  static List<ModelSpec> trained() {
    return List.of(
        Presets.linearRegression(7),
        Presets.logisticRegression(9, 3),
        Presets.mcMahan2nn(),
        Presets.mcMahanCnn(),
        Presets.leafFemnistCnn(),
        Presets.shakespeareLstm(20, 12),
        Presets.gpt(20, 12, 16, 4, 2),
        Presets.resNet8(16, 12, 3, 5),
        Presets.resNet20(16, 12, 3, 5));
  }

  /** Each learns eight rows by heart, or at least begins to. */
  @ParameterizedTest
  @MethodSource("trained")
  void preset_inAFewSteps_lowersItsLoss(ModelSpec spec) {
    Engine engine = Engines.byName("java");
    Dataset data = Samples.data(spec, 8, 3);
    ModelFile start = ModelFile.of(spec, spec.initialise(1));
    double before = Evaluation.evaluate(engine, start, data).loss();
    boolean linear = spec.layers().size() == 1;
    double rate = linear ? 0.1 : spec.loss() == Loss.NEXT_TOKEN ? 0.01 : 0.002;
    TrainingConfig config = new TrainingConfig(12, 8, OptimizerSpec.adam(rate), LocalMethod.sgd());
    float[] update = LocalTraining.train(engine, start, data, config, 1).update();
    float[] values = start.parameters();
    for (int i = 0; i < values.length; i++) {
      values[i] += update[i];
    }
    double after = Evaluation.evaluate(engine, ModelFile.of(spec, values), data).loss();
    assertThat(after).isLessThan(0.8 * before);
  }
}
