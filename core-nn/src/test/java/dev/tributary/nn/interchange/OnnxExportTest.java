package dev.tributary.nn.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Initializer;
import dev.tributary.nn.Layer;
import dev.tributary.nn.LayerModels;
import dev.tributary.nn.Loss;
import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Presets;
import dev.tributary.nn.Samples;
import dev.tributary.nn.Size;
import dev.tributary.nn.engine.Engines;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime computes from the exported file what the model's own engine does. */
final class OnnxExportTest {
  private static final int ROWS = 5;

  static List<ModelSpec> models() {
    List<ModelSpec> models = new ArrayList<>(Models.variety());
    models.addAll(LayerModels.all());
    Layer group = new Layer.GroupNormalization(2, 1e-5);
    models.add(ModelSpec.builder(6).layer(group).dense(3, Activation.SOFTMAX).build());
    models.add(
        ModelSpec.builder(3, 4)
            .layer(group)
            .layer(new Layer.BatchNormalization(0.9, 1e-3))
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build());
    models.add(
        ModelSpec.builder(4)
            .layer(new Layer.Embedding(3, 6, true, Initializer.RANDOM_UNIFORM))
            .layer(new Layer.MultiHeadAttention(2, true, Initializer.GLOROT_UNIFORM))
            .layer(new Layer.MultiHeadAttention(3, false, Initializer.GLOROT_UNIFORM))
            .flatten()
            .dense(3, Activation.SOFTMAX)
            .build());
    models.add(Presets.resNet8(9, 8, 3, 5));
    models.add(Presets.gpt(11, 6, 8, 2, 2));
    models.add(picture(transposed(1, 3)));
    models.add(picture(transposed(3, 2)));
    Initializer glorot = Initializer.GLOROT_UNIFORM;
    models.add(
        picture(
            new Layer.Conv2d(
                6, Size.of(3), Size.of(1), Padding.VALID, 2, Activation.RELU, glorot)));
    models.add(
        picture(
            new Layer.Conv2d(
                6, new Size(2, 3), new Size(2, 1), Padding.SAME, 1, Activation.GELU, glorot)));
    for (Padding padding : Padding.values()) {
      for (int window = 2; window <= 3; window++) {
        Size size = Size.of(window);
        models.add(picture(new Layer.MaxPooling2d(size, Size.of(2), padding)));
        models.add(picture(new Layer.AveragePooling2d(size, Size.of(2), padding)));
      }
    }
    models.add(picture(new Layer.Dropout(0.5)));
    models.add(
        ModelSpec.builder(5, 6, 4)
            .layer(new Layer.GlobalAveragePooling2d())
            .layer(new Layer.Activated(Activation.SILU))
            .dense(3, Activation.SOFTMAX)
            .build());
    models.add(
        ModelSpec.builder(7)
            .layer(new Layer.Embedding(9, 5, Initializer.RANDOM_NORMAL))
            .dense(9, Activation.SOFTMAX)
            .loss(Loss.NEXT_TOKEN)
            .build());
    for (Activation activation : Activation.values()) {
      if (activation != Activation.SOFTMAX) {
        models.add(ModelSpec.builder(6).dense(7, activation).dense(3, Activation.SOFTMAX).build());
        models.add(ModelSpec.builder(6).dense(3, activation).loss(Loss.SQUARED_ERROR).build());
      }
    }
    return models;
  }

  /** Kernels larger and smaller than the stride, with padding that keeps the size. */
  private static Layer transposed(int kernel, int stride) {
    return new Layer.Conv2dTranspose(
        2,
        Size.of(kernel),
        Size.of(stride),
        Padding.SAME,
        Activation.LINEAR,
        Initializer.GLOROT_UNIFORM);
  }

  private static ModelSpec picture(Layer layer) {
    return ModelSpec.builder(5, 6, 4).layer(layer).flatten().dense(3, Activation.SOFTMAX).build();
  }

  @ParameterizedTest
  @MethodSource("models")
  void export_inOnnxRuntime_agreesWithTheForwardPass(ModelSpec spec) throws OrtException {
    ModelFile file = ModelFile.of(spec, Models.values(spec, 3));
    float[] features = Samples.features(spec, ROWS, new Random(4));
    float[] ours = Model.of(file, Engines.byName("java")).predict(features).outputs();
    float[] theirs = run(OnnxExport.toBytes(file), spec, features);
    assertThat(theirs).hasSameSizeAs(ours);
    for (int i = 0; i < ours.length; i++) {
      assertThat(theirs[i]).as("output %d", i).isCloseTo(ours[i], within(1e-5f));
    }
  }

  private static float[] run(byte[] onnx, ModelSpec spec, float[] features) throws OrtException {
    int[] example = spec.inputShape();
    long[] shape = new long[example.length + 1];
    shape[0] = ROWS;
    for (int i = 0; i < example.length; i++) {
      shape[i + 1] = example[i];
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(onnx, options);
          OnnxTensor input =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(features), shape);
          OrtSession.Result result = session.run(Map.of("input", input))) {
        assertThat(session.getMetadata().getCustomMetadata())
            .containsEntry("tributary.model", spec.toJson());
        OnnxTensor output = (OnnxTensor) result.get("output").orElseThrow();
        float[] values = new float[output.getFloatBuffer().remaining()];
        output.getFloatBuffer().get(values);
        return values;
      }
    }
  }

  @Test
  void export_ofOneModel_hasOneByteForm() {
    ModelSpec spec = Models.mlp(3, 4, 2);
    ModelFile file = ModelFile.of(spec, Models.values(spec, 1));
    assertThat(OnnxExport.toBytes(file)).isEqualTo(OnnxExport.toBytes(file));
  }
}
