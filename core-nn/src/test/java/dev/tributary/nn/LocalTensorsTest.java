package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Normalizations that stay with their client: trained, kept, and in no update. */
final class LocalTensorsTest {
  /** Normalization layers are found inside residuals too, and what is left of the model travels. */
  @Test
  void normalizations_areTheTensorsOfTheirLayers() {
    ModelSpec spec =
        ModelSpec.fromJson(
            "{\"input\":[4],\"layers\":[{\"dense\":{\"units\":3}},{\"batch_normalization\":{}},"
                + "{\"residual\":{\"layers\":[{\"dense\":{\"units\":3}},{\"layer_normalization\":{}}]}},"
                + "{\"dense\":{\"units\":2,\"activation\":\"softmax\"}}],"
                + "\"loss\":\"sparse_categorical_crossentropy\"}");
    List<String> names = spec.normalizations().stream().map(Layout.Tensor::name).toList();
    assertThat(names)
        .containsExactly(
            "layers.1.weight",
            "layers.1.bias",
            "layers.1.mean",
            "layers.1.variance",
            "layers.2.layers.1.weight",
            "layers.2.layers.1.bias");
    ModelSpec rest = spec.without(spec.normalizations());
    assertThat(rest.layout().size()).isEqualTo(spec.layout().size());
    assertThat(rest.trainable().size()).isEqualTo(spec.layout().size() - 18);

    float[] own = new float[18];
    Arrays.fill(own, 5);
    ModelFile model = ModelFile.of(rest, rest.initialise(1));
    float[] personal = new LocalTensors(names, own).in(model).parameters();
    float[] global = model.parameters();
    for (Layout.Tensor tensor : rest.layout().tensors()) {
      for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
        assertThat(personal[i]).isEqualTo(names.contains(tensor.name()) ? 5 : global[i]);
      }
    }
    assertThat(new LocalTensors(names, new float[0]).in(model)).isSameAs(model);
    assertThatThrownBy(() -> new LocalTensors(names, new float[3]).in(model))
        .isInstanceOf(TrainingConfigException.class);
  }

  private static final LocalTensors NORM = new LocalTensors(List.of("layers.1.*"), new float[0]);
  private static final TrainingConfig CONFIG =
      new TrainingConfig(2, 4, OptimizerSpec.sgd(0.1, 0.9, 0), LocalMethod.prox(0.5));

  private static ModelSpec spec(String... trainable) {
    return ModelSpec.builder(5)
        .dense(4, Activation.TANH)
        .layer(new Layer.BatchNormalization(0.9, 1e-5))
        .dense(3, Activation.SOFTMAX)
        .trainable(trainable)
        .build();
  }

  private static LocalTraining.Result train(ModelSpec spec, float[] values, LocalTensors kept) {
    Dataset data = Models.noise(spec, 10, 3);
    return LocalTraining.train(
        new JavaEngine(),
        ModelFile.of(spec, values),
        data,
        CONFIG,
        1,
        TrainingOptions.standard().keep(kept));
  }

  /** The whole training is that of a model of which everything travels; only the ways part. */
  @Test
  void train_keepsWhatStays_andSendsTheRest() {
    ModelSpec all = spec();
    ModelSpec spec = spec("layers.0.*", "layers.2.*");
    float[] values = Models.values(all, 2);
    float[] whole = train(all, values, LocalTensors.NONE).update();
    LocalTraining.Result result = train(spec, values, NORM);
    assertThat(result.update()).isEqualTo(spec.trainable().gather(whole));
    assertThat(result.kept()).hasSize(4 * 4);
    float[] norm = spec("layers.1.*").trainable().gather(values);
    float[] moved = spec("layers.1.*").trainable().gather(whole);
    for (int i = 0; i < norm.length; i++) {
      assertThat(result.kept()[i] - norm[i]).as("float %d", i).isEqualTo(moved[i]);
    }
  }

  /** The next round begins with what was kept, whatever the model says. */
  @Test
  void train_withWhatWasKept_goesOnFromThere() {
    ModelSpec spec = spec("layers.0.*", "layers.2.*");
    float[] values = Models.values(spec, 2);
    float[] own = train(spec, values, NORM).kept();
    float[] mixed = values.clone();
    System.arraycopy(own, 0, mixed, spec.layout().tensor("layers.1.weight").offset(), own.length);
    LocalTraining.Result given = train(spec, values, new LocalTensors(List.of("layers.1.*"), own));
    LocalTraining.Result inModel = train(spec, mixed, NORM);
    assertThat(given.update()).isEqualTo(inModel.update());
    assertThat(given.kept()).isEqualTo(inModel.kept()).isNotEqualTo(own);
  }

  @Test
  void train_withoutRows_keepsWhatItHas() {
    ModelSpec spec = spec("layers.0.*", "layers.2.*");
    float[] own = new float[16];
    own[3] = 4;
    LocalTraining.Result result =
        LocalTraining.train(
            new JavaEngine(),
            ModelFile.of(spec, Models.values(spec, 2)),
            Models.noise(spec, 3, 1).subset(),
            CONFIG,
            1,
            TrainingOptions.standard().keep(new LocalTensors(List.of("layers.1.*"), own)));
    assertThat(result.kept()).isEqualTo(own);
    assertThat(result.update()).containsOnly(0f);
  }

  @Test
  void train_whatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> train(spec(), Models.values(spec(), 1), NORM))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining("layers.1.weight travels and cannot stay");
    ModelSpec spec = spec("layers.0.*", "layers.2.*");
    LocalTensors other = new LocalTensors(List.of("layers.1.*"), new float[5]);
    assertThatThrownBy(() -> train(spec, Models.values(spec, 1), other))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessage("the tensors that stay have 16 floats, came 5");
    LocalTensors unknown = new LocalTensors(List.of("layer.9"), new float[0]);
    assertThatThrownBy(() -> train(spec, Models.values(spec, 1), unknown))
        .isInstanceOf(ModelSpecException.class);
  }

  /** They learn without noise, and what travels would tell of them. */
  @Test
  void train_thatHidesExamples_keepsNothing() {
    ModelSpec spec =
        ModelSpec.builder(5)
            .dense(4, Activation.TANH)
            .dense(3, Activation.SOFTMAX)
            .trainable("layers.1.*")
            .build();
    ExampleGradients never =
        new ExampleGradients() {
          @Override
          public int[] sample(int rows, double rate) {
            throw new AssertionError("sampled");
          }

          @Override
          public Sum open(int length) {
            throw new AssertionError("opened");
          }
        };
    TrainingOptions options =
        TrainingOptions.standard()
            .examples(never)
            .keep(new LocalTensors(List.of("layers.0.*"), new float[0]));
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    new JavaEngine(),
                    ModelFile.of(spec, Models.values(spec, 1)),
                    Models.noise(spec, 10, 3),
                    CONFIG,
                    1,
                    options))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining("tensors that stay with a client learn without noise");
  }
}
