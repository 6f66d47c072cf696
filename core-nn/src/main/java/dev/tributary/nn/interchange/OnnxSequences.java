package dev.tributary.nn.interchange;

import dev.tributary.nn.Layer;
import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers of sequences [batch, length, channels]. */
final class OnnxSequences {
  private OnnxSequences() {}

  /**
   * The state behind each position, or the last one. ONNX has time first, weights as [1, gates
   * units, inputs] and one bias beside each product.
   *
   * @param gates for each gate of ONNX, in its order, the place of ours
   */
  static String recurrent(
      OnnxPlace place, String operator, int units, boolean sequences, int[] gates, String value) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Int("hidden_size", units));
    if (operator.equals("GRU")) {
      attributes.add(new Attribute.Int("linear_before_reset", 1));
    }
    float[] own = place.values("bias");
    int width = gates.length * units;
    float[] bias = new float[2 * width];
    for (int beside = 0; beside * width < own.length; beside++) {
      for (int g = 0; g < gates.length; g++) {
        int from = beside * width + gates[g] * units;
        System.arraycopy(own, from, bias, beside * width + g * units, units);
      }
    }
    List<String> outputs =
        place
            .graph()
            .node(
                operator,
                List.of(
                    place.transpose(value, 1, 0, 2),
                    gatesFirst(place, "weight", units, gates),
                    gatesFirst(place, "recurrent", units, gates),
                    place.tensor("bias", new int[] {1, 2 * width}, bias)),
                2,
                attributes.toArray(new Attribute[0]));
    if (sequences) {
      return place.transpose(squeezed(place, outputs.get(0), 1), 1, 0, 2);
    }
    return squeezed(place, outputs.get(1), 0);
  }

  /** Of ours, [inputs, gates units], what ONNX wants. */
  private static String gatesFirst(OnnxPlace place, String role, int units, int[] gates) {
    int inputs = place.shape(role)[0];
    int width = gates.length * units;
    float[] own = place.values(role);
    float[] turned = new float[own.length];
    for (int g = 0; g < gates.length; g++) {
      for (int j = 0; j < units; j++) {
        for (int i = 0; i < inputs; i++) {
          turned[(g * units + j) * inputs + i] = own[i * width + gates[g] * units + j];
        }
      }
    }
    return place.tensor(role, new int[] {1, width, inputs}, turned);
  }

  private static String squeezed(OnnxPlace place, String value, int axis) {
    OnnxGraph graph = place.graph();
    return graph.node("Squeeze", List.of(value, graph.ints(axis)));
  }

  static String positions(OnnxPlace place, Layer.PositionalEncoding layer, int[] shape, String x) {
    String vectors =
        layer.learned()
            ? place.tensor("weight")
            : place.tensor(
                "positions", shape, Layer.PositionalEncoding.sinusoids(shape[0], shape[1]));
    return place.graph().node("Add", List.of(x, vectors));
  }

  /**
   * softmax(Q K^T / sqrt(channels of a head)) V between two dense products.
   *
   * @param tokens of which 0 is not seen; null: all are seen
   */
  static String attention(
      OnnxPlace place,
      Layer.MultiHeadAttention layer,
      int[] shape,
      @Nullable String tokens,
      String value) {
    OnnxGraph graph = place.graph();
    int heads = layer.numHeads();
    int size = shape[1] / heads;
    List<String> parts =
        graph.node(
            "Split",
            List.of(place.dense(value, "weight", "bias")),
            3,
            new Attribute.Int("axis", -1),
            new Attribute.Int("num_outputs", 3));
    String split = graph.ints(0, shape[0], heads, size);
    String queries = place.transpose(reshaped(graph, parts.get(0), split), 0, 2, 1, 3);
    String keys = place.transpose(reshaped(graph, parts.get(1), split), 0, 2, 3, 1);
    String values = place.transpose(reshaped(graph, parts.get(2), split), 0, 2, 1, 3);
    String scale = graph.scalar((float) (1 / Math.sqrt(size)));
    String scores = graph.node("Mul", List.of(graph.node("MatMul", List.of(queries, keys)), scale));
    String weights = weights(graph, scores, seen(graph, layer.causal(), shape[0], tokens));
    String mixed = place.transpose(graph.node("MatMul", List.of(weights, values)), 0, 2, 1, 3);
    String joined = reshaped(graph, mixed, graph.ints(0, shape[0], shape[1]));
    return place.dense(joined, "projection.weight", "projection.bias");
  }

  private static String reshaped(OnnxGraph graph, String value, String shape) {
    return graph.node("Reshape", List.of(value, shape));
  }

  /** Which positions see which: bool, broadcast to [batch, heads, length, length]; null: all. */
  private static @Nullable String seen(
      OnnxGraph graph, boolean causal, int length, @Nullable String tokens) {
    String before = null;
    if (causal) {
      boolean[] lower = new boolean[length * length];
      for (int i = 0; i < lower.length; i++) {
        lower[i] = i % length <= i / length;
      }
      before = graph.flags(new int[] {length, length}, lower);
    }
    if (tokens == null) {
      return before;
    }
    String real = graph.node("Cast", List.of(tokens), new Attribute.Int("to", OnnxGraph.BOOL));
    String keys = graph.node("Unsqueeze", List.of(real, graph.ints(1, 2)));
    return before == null ? keys : graph.node("And", List.of(keys, before));
  }

  /** Softmax over what is seen. A position that sees nothing gets zeros. */
  private static String weights(OnnxGraph graph, String scores, @Nullable String seen) {
    Attribute last = new Attribute.Int("axis", -1);
    if (seen == null) {
      return graph.node("Softmax", List.of(scores), last);
    }
    String masked = graph.node("Where", List.of(seen, scores, graph.scalar(-Float.MAX_VALUE / 2)));
    String weights = graph.node("Softmax", List.of(masked), last);
    return graph.node("Where", List.of(seen, weights, graph.scalar(0)));
  }
}
