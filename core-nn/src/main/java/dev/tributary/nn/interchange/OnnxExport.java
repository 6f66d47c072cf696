package dev.tributary.nn.interchange;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.ArrayList;
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
      value = layer(i, layers.get(i), value);
      shape = layers.get(i).outputShape(shape);
    }
    return graph.model("input", model.spec().inputShape(), value, shape, model.spec().toJson());
  }

  private String layer(int i, Layer layer, String value) {
    if (layer instanceof Layer.Rescaling rescaling) {
      return rescaled(value, rescaling);
    } else if (layer instanceof Layer.Flatten) {
      return graph.node("Flatten", List.of(value), new Attribute.Int("axis", 1));
    } else if (layer instanceof Layer.Dense) {
      String product = graph.node("MatMul", List.of(value, tensor(i, "weight")));
      String sum = graph.node("Add", List.of(product, tensor(i, "bias")));
      return activated(sum, layer.activation());
    } else if (layer instanceof Layer.Activated) {
      return activated(value, layer.activation());
    } else if (layer instanceof Layer.Dropout) {
      return value; // does nothing outside of training
    } else if (layer instanceof Layer.Conv2d conv) {
      return activated(convolved(i, conv, value), conv.activation());
    } else if (layer instanceof Layer.MaxPooling2d pool) {
      return pooled("MaxPool", value, windows(pool.poolSize(), pool.strides(), pool.padding()));
    } else if (layer instanceof Layer.AveragePooling2d pool) {
      return pooled("AveragePool", value, windows(pool.poolSize(), pool.strides(), pool.padding()));
    } else if (layer instanceof Layer.GlobalAveragePooling2d) {
      return graph.node(
          "ReduceMean", List.of(value, graph.ints(1, 2)), new Attribute.Int("keepdims", 0));
    } else if (layer instanceof Layer.Embedding) {
      String tokens = graph.node("Cast", List.of(value), new Attribute.Int("to", OnnxGraph.INT64));
      return graph.node(
          "Gather", List.of(tensor(i, "weight"), tokens), new Attribute.Int("axis", 0));
    }
    throw new InterchangeException(
        "layer " + i + " (" + layer.kind() + ") has no form in ONNX here");
  }

  private String rescaled(String value, Layer.Rescaling rescaling) {
    String scaled = graph.node("Mul", List.of(value, graph.scalar((float) rescaling.scale())));
    return graph.node("Add", List.of(scaled, graph.scalar((float) rescaling.offset())));
  }

  private String activated(String value, Activation activation) {
    List<String> input = List.of(value);
    return switch (activation) {
      case LINEAR -> value;
      case RELU -> graph.node("Relu", input);
      case LEAKY_RELU -> graph.node("LeakyRelu", input, new Attribute.Real("alpha", 0.01f));
      case ELU -> graph.node("Elu", input, new Attribute.Real("alpha", 1));
      case TANH -> graph.node("Tanh", input);
      case SIGMOID -> graph.node("Sigmoid", input);
      case SOFTPLUS -> graph.node("Softplus", input);
      case SILU -> graph.node("Mul", List.of(value, graph.node("Sigmoid", input)));
      case GELU -> graph.node("Gelu", input);
      case SOFTMAX -> graph.node("Softmax", input, new Attribute.Int("axis", -1));
    };
  }

  /** ONNX keeps pictures as [channels, height, width] and kernels as [out, in, height, width]. */
  private String convolved(int i, Layer.Conv2d conv, String value) {
    Layout.Tensor tensor = model.spec().layout().tensor("layers." + i + ".weight");
    String name = tensor.name();
    Tensors turned =
        Tensors.none().with(name, tensor.shape(), values(tensor)).transposed(name, 3, 2, 0, 1);
    String kernel = graph.tensor(name, turned.shape(name), turned.values(name));
    List<Attribute> attributes =
        new ArrayList<>(windows(conv.kernelSize(), conv.strides(), conv.padding()));
    attributes.add(new Attribute.Int("group", conv.groups()));
    return channelsLast(
        graph.node(
            "Conv",
            List.of(channelsFirst(value), kernel, tensor(i, "bias")),
            attributes.toArray(new Attribute[0])));
  }

  private String pooled(String operator, String value, List<Attribute> windows) {
    return channelsLast(
        graph.node(operator, List.of(channelsFirst(value)), windows.toArray(new Attribute[0])));
  }

  private static List<Attribute> windows(Size window, Size strides, Padding padding) {
    return List.of(
        new Attribute.Ints("kernel_shape", window.height(), window.width()),
        new Attribute.Ints("strides", strides.height(), strides.width()),
        new Attribute.Text("auto_pad", padding == Padding.SAME ? "SAME_UPPER" : "VALID"));
  }

  private String channelsFirst(String value) {
    return graph.node("Transpose", List.of(value), new Attribute.Ints("perm", 0, 3, 1, 2));
  }

  private String channelsLast(String value) {
    return graph.node("Transpose", List.of(value), new Attribute.Ints("perm", 0, 2, 3, 1));
  }

  private String tensor(int layer, String role) {
    Layout.Tensor tensor = model.spec().layout().tensor("layers." + layer + "." + role);
    return graph.tensor(tensor.name(), tensor.shape(), values(tensor));
  }

  private float[] values(Layout.Tensor tensor) {
    return Arrays.copyOfRange(parameters, tensor.offset(), tensor.offset() + tensor.length());
  }
}
