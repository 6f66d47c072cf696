package dev.tributary.nn.interchange;

import dev.tributary.nn.interchange.OnnxGraph.Attribute;
import java.util.List;

/** Where a layer is written: the graph, and its tensors by the names that they have inside it. */
record OnnxPlace(OnnxGraph graph, Tensors tensors, String prefix) {
  /** The place of the layer {@code index} of a way of this residual. */
  OnnxPlace inside(String way, int index) {
    return new OnnxPlace(graph, tensors, prefix + way + "." + index + ".");
  }

  int[] shape(String role) {
    return tensors.shape(prefix + role);
  }

  float[] values(String role) {
    return tensors.values(prefix + role);
  }

  /** Adds a tensor as it is, under its own name. */
  String tensor(String role) {
    return graph.tensor(prefix + role, shape(role), values(role));
  }

  /** Adds a tensor in another form, under its own name. */
  String tensor(String role, int[] shape, float[] values) {
    return graph.tensor(prefix + role, shape, values);
  }

  /** Adds a tensor with its dimensions in another order, as {@link Tensors#transposed}. */
  String turned(String role, int... axes) {
    String name = prefix + role;
    Tensors turned = tensors.transposed(name, axes);
    return graph.tensor(name, turned.shape(name), turned.values(name));
  }

  /** {@code value W + b} along the last dimension. */
  String dense(String value, String weight, String bias) {
    String product = graph.node("MatMul", List.of(value, tensor(weight)));
    return graph.node("Add", List.of(product, tensor(bias)));
  }

  String transpose(String value, long... order) {
    return graph.node("Transpose", List.of(value), new Attribute.Ints("perm", order));
  }
}
