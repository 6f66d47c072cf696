package dev.tributary.nn.interchange;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a model as ONNX: values and computation, for every runtime that reads that format. The
 * input is called {@code input}, float32[batch, input shape], the output {@code output}, with the
 * last activation applied; what a model does in training alone (dropout, statistics of a batch) is
 * not in it. The description lies in {@code metadata_props["tributary.model"]}.
 */
public final class OnnxExport {
  private final ModelFile model;
  private final OnnxGraph graph = new OnnxGraph();

  /** What an embedding with a mask has read. */
  private @Nullable String padded;

  private OnnxExport(ModelFile model) {
    this.model = model;
  }

  /** The bytes of an ONNX file (IR version 10, opset 21); the same bytes for the same model. */
  public static byte[] toBytes(ModelFile model) {
    return new OnnxExport(model).write();
  }

  private byte[] write() {
    OnnxPlace whole = new OnnxPlace(graph, Tensors.of(model), "");
    int[] shape = model.spec().inputShape();
    String value = way(whole, "layers", model.spec().layers(), shape, "input");
    for (Layer layer : model.spec().layers()) {
      shape = layer.outputShape(shape);
    }
    return graph.model("input", model.spec().inputShape(), value, shape, model.spec().toJson());
  }

  /** Layers one behind the other. */
  private String way(OnnxPlace place, String name, List<Layer> layers, int[] input, String from) {
    String value = from;
    int[] shape = input;
    for (int i = 0; i < layers.size(); i++) {
      value = layer(place.inside(name, i), layers.get(i), shape, value);
      shape = layers.get(i).outputShape(shape);
    }
    return value;
  }

  private String layer(OnnxPlace place, Layer layer, int[] shape, String value) {
    if (layer instanceof Layer.Rescaling rescaling) {
      return rescaled(value, rescaling);
    } else if (layer instanceof Layer.Flatten) {
      return graph.node("Flatten", List.of(value), new Attribute.Int("axis", 1));
    } else if (layer instanceof Layer.Dense) {
      return activated(place.dense(value, "weight", "bias"), layer.activation());
    } else if (layer instanceof Layer.Activated) {
      return activated(value, layer.activation());
    } else if (layer instanceof Layer.Dropout) {
      return value;
    } else if (layer instanceof Layer.Conv2d conv) {
      return activated(OnnxPictures.convolved(place, conv, value), conv.activation());
    } else if (layer instanceof Layer.Conv2dTranspose conv) {
      return activated(OnnxPictures.transposed(place, conv, value), conv.activation());
    } else if (layer instanceof Layer.MaxPooling2d pool) {
      return OnnxPictures.pooled(
          place, "MaxPool", value, pool.poolSize(), pool.strides(), pool.padding());
    } else if (layer instanceof Layer.AveragePooling2d pool) {
      return OnnxPictures.pooled(
          place, "AveragePool", value, pool.poolSize(), pool.strides(), pool.padding());
    } else if (layer instanceof Layer.GlobalAveragePooling2d) {
      return graph.node(
          "ReduceMean", List.of(value, graph.ints(1, 2)), new Attribute.Int("keepdims", 0));
    } else if (layer instanceof Layer.Embedding embedding) {
      padded = embedding.maskZero() ? value : null;
      String tokens = graph.node("Cast", List.of(value), new Attribute.Int("to", OnnxGraph.INT64));
      return graph.node(
          "Gather", List.of(place.tensor("weight"), tokens), new Attribute.Int("axis", 0));
    } else if (layer instanceof Layer.BatchNormalization norm) {
      return OnnxNorms.batch(place, norm, shape.length, value);
    } else if (layer instanceof Layer.GroupNormalization norm) {
      return OnnxNorms.group(place, norm, shape.length, value);
    } else if (layer instanceof Layer.LayerNormalization norm) {
      return OnnxNorms.layer(place, norm, value);
    } else if (layer instanceof Layer.Residual residual) {
      String body = way(place, "layers", residual.layers(), shape, value);
      String beside = way(place, "shortcut", residual.shortcut(), shape, value);
      return graph.node("Add", List.of(body, beside));
    }
    return sequence(place, layer, shape, value);
  }

  private String sequence(OnnxPlace place, Layer layer, int[] shape, String value) {
    if (layer instanceof Layer.SimpleRnn rnn) {
      return OnnxSequences.recurrent(
          place, "RNN", rnn.units(), rnn.returnSequences(), new int[] {0}, value);
    } else if (layer instanceof Layer.Lstm lstm) {
      int[] inputOutputForgetCandidate = {0, 3, 1, 2};
      return OnnxSequences.recurrent(
          place, "LSTM", lstm.units(), lstm.returnSequences(), inputOutputForgetCandidate, value);
    } else if (layer instanceof Layer.Gru gru) {
      return OnnxSequences.recurrent(
          place, "GRU", gru.units(), gru.returnSequences(), new int[] {0, 1, 2}, value);
    } else if (layer instanceof Layer.PositionalEncoding positions) {
      return OnnxSequences.positions(place, positions, shape, value);
    } else if (layer instanceof Layer.MultiHeadAttention attention) {
      return OnnxSequences.attention(place, attention, shape, padded, value);
    }
    throw new IllegalStateException("every layer is one of these, not " + layer.kind());
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
}
