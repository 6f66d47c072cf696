package dev.tributary.nn.interchange;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelFile;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a model as ONNX: values and computation, for every runtime that reads that format. The
 * input is called {@code input}, float32[batch, input shape], the output {@code output}, with the
 * last activation applied. The description lies in {@code metadata_props["tributary.model"]}.
 */
public final class OnnxExport {
  private final ModelFile model;
  private final float[] parameters;
  private final OnnxGraph graph = new OnnxGraph();

  private OnnxExport(ModelFile model) {
    this.model = model;
    this.parameters = model.parameters();
  }

  /**
   * The bytes of an ONNX file (IR version 10, opset 21).
   *
   * @throws InterchangeException if a layer has no form there; names it
   */
  public static byte[] toBytes(ModelFile model) {
    return new OnnxExport(model).write();
  }

  private byte[] write() {
    String value = "input";
    int[] shape = model.spec().inputShape();
    List<Layer> layers = model.spec().layers();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (layer instanceof Layer.Rescaling rescaling) {
        value = rescaled(value, rescaling);
      } else if (layer instanceof Layer.Flatten) {
        value = graph.node("Flatten", List.of(value), new OnnxGraph.Attribute.Int("axis", 1));
        shape = new int[] {Arrays.stream(shape).reduce(1, (a, b) -> a * b)};
      } else if (layer instanceof Layer.Dense dense) {
        String weights = tensor(i, "weight");
        value = graph.node("MatMul", List.of(value, weights));
        value = graph.node("Add", List.of(value, tensor(i, "bias")));
        value = activated(value, dense.activation());
        shape = layer.outputShape(shape);
      } else {
        throw new InterchangeException(
            "layer " + i + " (" + layer.kind() + ") has no form in ONNX here");
      }
    }
    return graph.model("input", model.spec().inputShape(), value, shape, model.spec().toJson());
  }

  private String rescaled(String value, Layer.Rescaling rescaling) {
    String scaled = graph.node("Mul", List.of(value, graph.scalar((float) rescaling.scale())));
    return graph.node("Add", List.of(scaled, graph.scalar((float) rescaling.offset())));
  }

  private String activated(String value, Activation activation) {
    return switch (activation) {
      case LINEAR -> value;
      case RELU -> graph.node("Relu", List.of(value));
      case TANH -> graph.node("Tanh", List.of(value));
      case SIGMOID -> graph.node("Sigmoid", List.of(value));
      case SOFTMAX ->
          graph.node("Softmax", List.of(value), new OnnxGraph.Attribute.Int("axis", -1));
      // ONNX's own standards are ours: slope 0.01, alpha 1, the error function.
      case LEAKY_RELU -> graph.node("LeakyRelu", List.of(value));
      case ELU -> graph.node("Elu", List.of(value));
      case SOFTPLUS -> graph.node("Softplus", List.of(value));
      case GELU -> graph.node("Gelu", List.of(value));
      case SILU -> graph.node("Mul", List.of(value, graph.node("Sigmoid", List.of(value))));
    };
  }

  private String tensor(int layer, String role) {
    Layout.Tensor tensor = model.spec().layout().tensor("layers." + layer + "." + role);
    float[] values =
        Arrays.copyOfRange(parameters, tensor.offset(), tensor.offset() + tensor.length());
    return graph.tensor(tensor.name(), tensor.shape(), values);
  }
}
