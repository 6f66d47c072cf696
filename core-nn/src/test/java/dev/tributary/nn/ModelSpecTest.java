package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelSpecTest {
  private static final String SOFTMAX =
      "{\"input\":[28,28,1],\"layers\":[{\"rescaling\":{\"scale\":1.5,\"offset\":-0.3}},\"flatten\","
          + "{\"dense\":{\"units\":10,\"activation\":\"softmax\"}}],"
          + "\"loss\":\"sparse_categorical_crossentropy\"}";

  @Test
  void toJson_ofTheJobFilesModel_isItsSection() {
    ModelSpec spec =
        ModelSpec.builder(28, 28, 1)
            .rescaling(1.5, -0.3)
            .flatten()
            .dense(10, Activation.SOFTMAX)
            .build();
    assertThat(spec.toJson()).isEqualTo(SOFTMAX);
    assertThat(ModelSpec.fromJson(SOFTMAX)).isEqualTo(spec).hasSameHashCodeAs(spec);
    assertThat(spec.outputs()).isEqualTo(10);
    assertThat(spec.inputs()).isEqualTo(784);
    assertThat(spec.inputShape()).containsExactly(28, 28, 1);
  }

  @Test
  void layout_namesTensorsByTheirLayer() {
    Layout layout = ModelSpec.fromJson(SOFTMAX).layout();
    assertThat(layout.size()).isEqualTo(7850);
    assertThat(layout.tensors())
        .extracting(Layout.Tensor::name)
        .containsExactly("layers.2.weight", "layers.2.bias");
    assertThat(layout.tensor("layers.2.weight").shape()).containsExactly(784, 10);
    assertThat(layout.tensor("layers.2.bias").offset()).isEqualTo(7840);
    assertThatThrownBy(() -> layout.tensor("layers.1.weight"))
        .hasMessageContaining("layers.2.bias");
  }

  static List<ModelSpec> variety() {
    return Models.variety();
  }

  @ParameterizedTest
  @MethodSource("variety")
  void fromJson_ofToJson_isTheSame(ModelSpec spec) {
    assertThat(ModelSpec.fromJson(spec.toJson())).isEqualTo(spec);
    int end = 0;
    for (Layout.Tensor tensor : spec.layout().tensors()) {
      assertThat(tensor.offset()).isEqualTo(end);
      end += tensor.length();
    }
    assertThat(spec.layout().size()).isEqualTo(end);
  }

  @ParameterizedTest
  @CsvSource({
    "1.5, 1.5",
    "-0.3, -0.3",
    "0.1, 0.1",
    "1e9, 1000000000",
    "1e-9, 1E-9",
    "0, 0",
    "-0.0, 0",
    "0.3333333333333333, 0.3333333333333333",
    "2.0E-3, 0.002",
    "100, 100"
  })
  void toJson_ofNumbers_usesTheFewestDigits(double value, String shown) {
    ModelSpec spec = ModelSpec.builder(2).rescaling(value, 0).dense(2, Activation.SOFTMAX).build();
    assertThat(spec.toJson()).contains("{\"scale\":" + shown + ",\"offset\":0}");
    assertThat(ModelSpec.fromJson(spec.toJson())).isEqualTo(spec);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ | not JSON",
        "{} {} | not JSON",
        "7 | model: expected an object",
        "{\"input\":[2],\"input\":[2]} | not JSON: Duplicate field 'input'",
        "{\"input\":[2],\"epochs\":1} | model: unknown key \"epochs\"",
        "{\"layers\":[]} | input: expected a list of dimensions, came nothing",
        "{\"input\":[2.5]} | input: expected a whole number, came 2.5",
        "{\"input\":[0],\"layers\":[\"flatten\"],\"loss\":\"squared_error\"} | at least 1, came [0]",
        "{\"input\":[2],\"layers\":[\"conv\"]} | layer 0: expected one of [activation",
        "{\"input\":[2],\"layers\":[{\"dense\":{\"units\":3,\"activation\":7}}]} | layer 0 (dense): activation: expected one of linear",
        "{\"input\":[2],\"layers\":[{\"dense\":{\"units\":1e1,\"activation\":\"relu\"}}]} | layer 0 (dense): units: expected a whole",
        "{\"input\":[2],\"layers\":[{\"dense\":{\"units\":1,\"activation\":\"relu\",\"bias\":0}}]} | layer 0 (dense): unknown key \"bias\"",
        "{\"input\":[2],\"layers\":[\"flatten\"],\"loss\":\"mae\"} | loss: expected one of sparse",
        "{\"input\":[2],\"layers\":[\"flatten\"],\"loss\":\"squared_error\"} | layers: none has parameters to train",
      })
  void fromJson_ofNoModel_saysWhereAndWhat(String json, String message) {
    assertThatThrownBy(() -> ModelSpec.fromJson(json))
        .isInstanceOf(ModelSpecException.class)
        .hasMessageContaining(message);
  }

  @Test
  void build_breakingARule_namesLayerInputAndRule() {
    refused(
        ModelSpec.builder(28, 28, 1).dense(10, Activation.SOFTMAX),
        "layer 0 (dense): takes a vector or a sequence, its input is [28, 28, 1]: put a flatten");
    refused(
        ModelSpec.builder(28, 28).dense(10, Activation.SOFTMAX),
        "takes a vector, the last layer gives [28, 10]: put a flatten before");
    refused(ModelSpec.builder(4).dense(1, Activation.SOFTMAX), "softmax and at least 2 units");
    refused(ModelSpec.builder(4).dense(2, Activation.RELU), "is relu with 2");
    refused(ModelSpec.builder(4).dense(0, Activation.SOFTMAX), "units must be at least 1, is 0");
    refused(ModelSpec.builder(4), "layers: expected 1 to 1000, came 0");
    refused(ModelSpec.builder().flatten(), "input: expected 1 to 8 dimensions, came []");
    refused(
        ModelSpec.builder(4).dense(3, Activation.RELU).rescaling(1, 0).dense(2, Activation.SOFTMAX),
        "layer 1 (rescaling): belongs before every layer but flatten");
    refused(
        ModelSpec.builder(4).rescaling(Double.NaN, 0).dense(2, Activation.SOFTMAX),
        "layer 0 (rescaling): scale and offset must be 0 or of a size from 1e-9 to 1e9, came NaN");
    refused(
        ModelSpec.builder(1 << 20, 1 << 20).flatten().dense(2, Activation.SOFTMAX),
        "has more than");
    refused(
        ModelSpec.builder(1 << 20).dense(1 << 20, Activation.RELU).dense(2, Activation.SOFTMAX),
        "layer 0 (dense): with input [1048576] the model grows past");
  }

  /** Work that doubled with each residual inside another would never end. */
  @Test
  @Timeout(20)
  void fromJson_ofResidualsInResiduals_ends() {
    int depth = 60;
    String json =
        "{\"input\":[2],\"layers\":["
            + "{\"residual\":{\"layers\":[".repeat(depth)
            + "{\"dense\":{\"units\":2}}"
            + "]}}".repeat(depth)
            + "],\"loss\":\"squared_error\"}";
    assertThat(ModelSpec.fromJson(json).layout().size()).isEqualTo(6);
  }

  private static void refused(ModelSpec.Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(ModelSpecException.class)
        .hasMessageContaining(message);
  }

  @Test
  void initialise_ofHiddenLayers_staysWithinGlorotsLimit() {
    ModelSpec spec = Models.mlp(30, 20, 10);
    float[] values = spec.initialise(4);
    assertThat(values).isEqualTo(spec.initialise(4)).isNotEqualTo(spec.initialise(5));
    for (Layout.Tensor tensor : spec.layout().tensors()) {
      double sum = 0;
      double highest = 0;
      for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
        sum += values[i];
        highest = Math.max(highest, Math.abs(values[i]));
      }
      if (tensor.shape().length == 1) {
        assertThat(highest).isZero();
      } else {
        double limit = Math.sqrt(6.0 / (tensor.shape()[0] + tensor.shape()[1]));
        assertThat(highest).isBetween(0.9 * limit, limit);
        assertThat(sum / tensor.length()).isBetween(-0.1 * limit, 0.1 * limit);
      }
    }
  }

  @Test
  void initialise_ofOneDenseLayer_isZero() {
    assertThat(ModelSpec.fromJson(SOFTMAX).initialise(3)).containsOnly(0f);
  }

  /** The stream is a published algorithm: these are its first numbers for seed 1234567. */
  @Test
  void seededStream_isSplitMix64() {
    SeededStream stream = new SeededStream(1234567);
    assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("6457827717110365317");
    assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("3203168211198807973");
    assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("9817491932198370423");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 99})
  void shuffle_isAPermutation(long seed) {
    int[] order = LocalTraining.order(100);
    new SeededStream(seed).shuffle(order);
    assertThat(order).isNotEqualTo(LocalTraining.order(100));
    assertThat(order).containsExactlyInAnyOrder(LocalTraining.order(100));
  }
}
