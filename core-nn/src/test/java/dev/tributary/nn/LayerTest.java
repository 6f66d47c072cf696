package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class LayerTest {

  static List<ModelSpec> models() {
    return LayerModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void fromJson_ofToJson_isTheSame(ModelSpec spec) {
    assertThat(ModelSpec.fromJson(spec.toJson())).isEqualTo(spec);
    assertThat(ModelSpec.fromJson(spec.toJson()).layers()).isEqualTo(spec.layers());
    int end = 0;
    for (Layout.Tensor tensor : spec.layout().tensors()) {
      assertThat(tensor.offset()).isEqualTo(end);
      end += tensor.length();
    }
    assertThat(spec.layout().tensors()).extracting(Layout.Tensor::name).doesNotHaveDuplicates();
  }

  @Test
  void models_haveEveryKindOfLayer() {
    String all = LayerModels.all() + Models.variety().toString();
    for (LayerFormat format : LayerFormat.all()) {
      assertThat(all).contains("\"" + format.kind() + "\"");
    }
  }

  @Test
  void fromJson_ofSettingsLeftOut_takesTheirStandards() {
    ModelSpec spec =
        ModelSpec.fromJson(
            "{\"input\":[9,9,2],\"layers\":[{\"conv2d\":{\"filters\":4,\"kernelSize\":3}},"
                + "\"max_pooling2d\",\"flatten\",{\"dense\":{\"units\":1}}],\"loss\":\"huber\"}");
    assertThat(spec.toJson())
        .contains(
            "{\"conv2d\":{\"filters\":4,\"kernelSize\":[3,3],\"strides\":[1,1],"
                + "\"padding\":\"valid\",\"groups\":1,\"activation\":\"linear\"}}")
        .contains(
            "{\"max_pooling2d\":{\"poolSize\":[2,2],\"strides\":[2,2],\"padding\":\"valid\"}}")
        .endsWith("\"loss\":\"huber\"}");
    assertThat(spec.layout().tensor("layers.0.weight").shape()).containsExactly(3, 3, 2, 4);
    assertThat(spec.layout().tensor("layers.3.weight").shape()).containsExactly(36, 1);
  }

  @Test
  void layout_ofResidual_namesBothWays() {
    ModelSpec spec =
        ModelSpec.builder(4)
            .layer(
                new Layer.Residual(
                    List.of(new Layer.Dense(3, Activation.RELU)),
                    List.of(new Layer.Dense(3, Activation.LINEAR))))
            .dense(2, Activation.SOFTMAX)
            .build();
    assertThat(spec.layout().tensors())
        .extracting(Layout.Tensor::name)
        .containsExactly(
            "layers.0.layers.0.weight",
            "layers.0.layers.0.bias",
            "layers.0.shortcut.0.weight",
            "layers.0.shortcut.0.bias",
            "layers.1.weight",
            "layers.1.bias");
  }

  /** The shapes that Keras documents: same is ceil(in / stride), valid floor((in - k) / s) + 1. */
  @ParameterizedTest
  @CsvSource({
    "7, 3, 1, VALID, 5", "7, 3, 2, VALID, 3", "8, 3, 2, VALID, 3", "7, 3, 1, SAME, 7",
    "7, 3, 2, SAME, 4", "8, 3, 3, SAME, 3", "2, 2, 2, VALID, 1", "5, 7, 1, SAME, 5"
  })
  void outputShape_ofConv2d_isThatOfKeras(
      int in, int kernel, int stride, Padding padding, int out) {
    Layer conv = conv(kernel, stride, padding, 1);
    assertThat(conv.outputShape(new int[] {in, 9, 2})[0]).isEqualTo(out);
  }

  @ParameterizedTest
  @CsvSource({"4, 3, 2, VALID, 9", "4, 3, 2, SAME, 8", "4, 2, 2, VALID, 8", "5, 3, 1, VALID, 7"})
  void outputShape_ofConv2dTranspose_isThatOfKeras(
      int in, int kernel, int stride, Padding padding, int out) {
    Layer conv =
        new Layer.Conv2dTranspose(
            4,
            Size.of(kernel),
            Size.of(stride),
            padding,
            Activation.LINEAR,
            Initializer.GLOROT_UNIFORM);
    assertThat(conv.outputShape(new int[] {in, in, 2})).containsExactly(out, out, 4);
  }

  private static Layer conv(int kernel, int stride, Padding padding, int groups) {
    return new Layer.Conv2d(
        4,
        Size.of(kernel),
        Size.of(stride),
        padding,
        groups,
        Activation.LINEAR,
        Initializer.GLOROT_UNIFORM);
  }

  @Test
  void build_breakingARule_namesLayerInputAndRule() {
    refused(
        "layer 0 (conv2d): takes a picture [height, width, channels], its input is [5]",
        ModelSpec.builder(5).layer(conv(3, 1, Padding.VALID, 1)));
    refused(
        "layer 0 (conv2d): a window of [5, 5] does not fit its input [4, 4, 2]: take padding same",
        ModelSpec.builder(4, 4, 2).layer(conv(5, 1, Padding.VALID, 1)));
    refused(
        "layer 0 (conv2d): windows and strides must be at least 1, are [3, 3] and [0, 0]",
        ModelSpec.builder(4, 4, 2).layer(conv(3, 0, Padding.VALID, 1)));
    refused(
        "layer 0 (conv2d): groups must divide channels and filters, are 3 with 2 channels and 4",
        ModelSpec.builder(4, 4, 2).layer(conv(3, 1, Padding.VALID, 3)));
    refused(
        "layer 0 (dropout): rate must be at least 0 and below 1, came 1.0",
        ModelSpec.builder(4).layer(new Layer.Dropout(1)));
    refused(
        "layer 1 (embedding): takes tokens, so it must be the first layer",
        ModelSpec.builder(4)
            .dense(3, Activation.RELU)
            .layer(new Layer.Embedding(3, 2, Initializer.ZEROS)));
    refused(
        "layer 0 (group_normalization): groups must divide the channels, are 4 with 6 channels",
        ModelSpec.builder(6).layer(new Layer.GroupNormalization(4, 1e-5)));
    refused(
        "layer 0 (layer_normalization): epsilon must be in [1e-12, 1], came 0.0",
        ModelSpec.builder(6).layer(new Layer.LayerNormalization(0)));
    refused(
        "layer 0 (lstm): takes a sequence [length, channels], its input is [6]",
        ModelSpec.builder(6).layer(new Layer.Lstm(4, false, Initializer.GLOROT_UNIFORM)));
    refused(
        "layer 0 (multi_head_attention): numHeads must divide the channels, is 4 with 6 channels",
        ModelSpec.builder(5, 6)
            .layer(new Layer.MultiHeadAttention(4, true, Initializer.GLOROT_UNIFORM)));
    refused(
        "layer 0 (residual): the layers give [3] and the shortcut [4]: they are added",
        ModelSpec.builder(4)
            .layer(new Layer.Residual(List.of(new Layer.Dense(3, Activation.RELU)), List.of())));
    refused(
        "layer 0 (residual): layers[0] (conv2d): takes a picture",
        ModelSpec.builder(4)
            .layer(new Layer.Residual(List.of(conv(3, 1, Padding.SAME, 1)), List.of())));
    refused(
        "layer 0 (residual): rescaling belongs before all others, not inside a residual",
        ModelSpec.builder(4)
            .layer(new Layer.Residual(List.of(new Layer.Rescaling(1, 0)), List.of())));
    refused(
        "layer 0 (residual): layers: expected at least 1, came none",
        ModelSpec.builder(4).layer(new Layer.Residual(List.of(), List.of())));
  }

  @Test
  void build_ofALossThatDoesNotFit_saysWhy() {
    refused(
        "loss binary_crossentropy: the last layer must have activation sigmoid, is linear",
        ModelSpec.builder(4).loss(Loss.BINARY_CROSSENTROPY));
    refused(
        "loss next_token: takes tokens [length] to [length, tokens], the model takes [4] to [2]",
        ModelSpec.builder(4).loss(Loss.NEXT_TOKEN));
    refused(
        "loss squared_error: labelSmoothing belongs to the cross-entropies",
        ModelSpec.builder(4)
            .loss(Loss.SQUARED_ERROR)
            .lossSettings(new LossSettings(1, 0.1, List.of())));
    refused(
        "loss huber: delta must be above 0",
        ModelSpec.builder(4).loss(Loss.HUBER).lossSettings(new LossSettings(0, 0, List.of())));
    assertThatThrownBy(
            () ->
                ModelSpec.builder(4)
                    .dense(3, Activation.SOFTMAX)
                    .lossSettings(new LossSettings(1, 0, List.of(1.0, 2.0)))
                    .build())
        .hasMessageContaining("classWeights: expected one for each of 3 classes, came 2");
  }

  private static void refused(String message, ModelSpec.Builder builder) {
    assertThatThrownBy(() -> builder.flatten().dense(2, Activation.LINEAR).build())
        .isInstanceOf(ModelSpecException.class)
        .hasMessageContaining(message);
  }
}
