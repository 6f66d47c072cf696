package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engines;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainableTest {
  private static final ModelSpec FREE = Models.mlp(5, 6, 3);

  @Test
  @Timeout(20)
  void patterns_pickTensorsByName() {
    assertThat(FREE.trainable().isAll()).isTrue();
    assertThat(FREE.trainable().size()).isEqualTo(5 * 6 + 6 + 6 * 3 + 3);
    assertThat(names("layers.1.weight")).isEqualTo("[layers.1.weight]");
    assertThat(names("*.bias")).isEqualTo("[layers.0.bias, layers.1.bias]");
    assertThat(names("layers.1.*", "*.0.b*"))
        .isEqualTo("[layers.0.bias, layers.1.weight, layers.1.bias]");
    assertThat(names("*").split(",")).hasSize(4);
    assertThat(names("*0*w**ght*", "la*1*as")).isEqualTo("[layers.0.weight, layers.1.bias]");
    assertThat(frozen("*").trainable().isAll()).isTrue();
    for (String none :
        new String[] {
          "layers",
          "layers.1",
          "layers.+.weight",
          "",
          "weight*",
          "layers.0*0.bias",
          "*".repeat(40) + "x"
        }) {
      assertThatThrownBy(() -> frozen("*.bias", none))
          .isInstanceOf(ModelSpecException.class)
          .hasMessageStartingWith("trainable: no tensor is called \"" + none + "\"; there are [");
    }
  }

  @Test
  void gatherAndScatter_areInverse() {
    Trainable part = frozen("*.bias").trainable();
    float[] whole = Models.values(FREE, 1);
    float[] moving = part.gather(whole);
    assertThat(moving).hasSize(9);
    assertThat(Arrays.copyOf(moving, 6)).isEqualTo(Arrays.copyOfRange(whole, 30, 36));
    float[] other = new float[whole.length];
    part.scatter(moving, other);
    assertThat(part.gather(other)).isEqualTo(moving);
    assertThat(Arrays.copyOf(other, 30)).containsOnly(0f);
  }

  @Test
  void json_carriesThePatterns() {
    ModelSpec spec = frozen("*.bias");
    assertThat(spec.toJson()).endsWith(",\"trainable\":[\"*.bias\"]}");
    assertThat(ModelSpec.fromJson(spec.toJson())).isEqualTo(spec).isNotEqualTo(FREE);
    assertThat(ModelFile.parse(ModelFile.of(spec, Models.values(spec, 1)).toBytes()).spec())
        .isEqualTo(spec);
    assertThatThrownBy(
            () -> ModelSpec.fromJson(spec.toJson().replace("[\"*.bias\"]", "[\"*.bias\",3]")))
        .hasMessage("trainable: expected a name, came 3");
    assertThatThrownBy(() -> ModelSpec.fromJson(spec.toJson().replace("[\"*.bias\"]", "[]")))
        .hasMessage("trainable: expected a list of names of tensors, came []");
  }

  /** Weight decay, momentum and the proximal term are there to pull at what must not move. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "nd4j"})
  void train_withFrozenParts_neverMovesThem(String engine) {
    ModelSpec spec = frozen("layers.1.*");
    Dataset data = Models.clusters(5, 3, 60, 0.5, 1);
    float[] start = Models.values(spec, 2);
    for (OptimizerSpec optimizer :
        new OptimizerSpec[] {OptimizerSpec.sgd(0.1, 0.9, 0.1), OptimizerSpec.adam(0.05)}) {
      TrainingConfig config = new TrainingConfig(5, 8, optimizer, LocalMethod.prox(0.1));
      float[] update =
          LocalTraining.train(Engines.byName(engine), ModelFile.of(spec, start), data, config, 1)
              .update();
      assertThat(update).hasSize(6 * 3 + 3).doesNotContain(0f);
    }
  }

  /** One step of plain SGD: what is trainable moves as it would if all were. */
  @Test
  void train_oneStep_isThatOfTheWholeModel() {
    Dataset data = Models.noise(FREE, 7, 1);
    float[] start = Models.values(FREE, 1);
    TrainingConfig config =
        new TrainingConfig(1, 100, OptimizerSpec.sgd(0.1, 0, 0), LocalMethod.sgd());
    float[] whole =
        LocalTraining.train(Engines.byName("java"), ModelFile.of(FREE, start), data, config, 1)
            .update();
    ModelSpec spec = frozen("*.bias", "layers.0.weight");
    float[] part =
        LocalTraining.train(Engines.byName("java"), ModelFile.of(spec, start), data, config, 1)
            .update();
    assertThat(part).isEqualTo(spec.trainable().gather(whole));
    assertThat(
            LocalTraining.train(
                    Engines.byName("java"), ModelFile.of(spec, start), data.subset(), config, 1)
                .update())
        .hasSize(part.length);
  }

  private static ModelSpec frozen(String... patterns) {
    return ModelSpec.builder(5)
        .dense(6, Activation.RELU)
        .dense(3, Activation.SOFTMAX)
        .trainable(patterns)
        .build();
  }

  private static String names(String... patterns) {
    return frozen(patterns).trainable().tensors().stream().map(Layout.Tensor::name).toList() + "";
  }
}
