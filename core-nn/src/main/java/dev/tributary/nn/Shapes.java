package dev.tributary.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Walks the layers once: checks each against the shape that reaches it and lists the tensors. */
final class Shapes {
  private final List<Layout.Tensor> tensors = new ArrayList<>();
  private final List<Weight> weights = new ArrayList<>();
  private long size;
  private int[] shape;
  private int[] before = {};
  private boolean begun;

  Shapes(int[] inputShape, List<Layer> layers, Loss loss, LossSettings settings) {
    for (int dimension : inputShape) {
      if (dimension < 1) {
        throw new ModelSpecException(
            "input: expected dimensions of at least 1, came " + Arrays.toString(inputShape));
      }
    }
    this.shape = inputShape;
    named("input", () -> LayerRules.length(shape));
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      String name = name(i, layer);
      named(name, () -> add(layer));
      for (Weight weight : layer.weights(before)) {
        add(name, "layers." + i + "." + weight.name(), weight);
      }
    }
    if (size == 0) {
      throw new ModelSpecException("layers: none has parameters to train: add a dense layer");
    }
    int last = layers.size() - 1;
    named(
        "loss " + loss.key(),
        () -> {
          loss.check(inputShape, shape, layers.get(last).activation());
          settings.check(loss, shape[shape.length - 1]);
        });
  }

  private void add(Layer layer) {
    LayerRules.hold(
        !(layer instanceof Layer.Rescaling) || !begun, "belongs before every layer but flatten");
    LayerRules.hold(
        !(layer instanceof Layer.Embedding) || !begun,
        "takes tokens, so it must be the first layer");
    begun |= !(layer instanceof Layer.Rescaling) && !(layer instanceof Layer.Flatten);
    before = shape;
    shape = layer.outputShape(shape);
    LayerRules.length(shape);
  }

  private static void named(String where, Runnable rules) {
    try {
      rules.run();
    } catch (ModelSpecException e) {
      throw new ModelSpecException(where + ": " + e.getMessage());
    }
  }

  private void add(String layer, String tensor, Weight weight) {
    long length = 1;
    for (int dimension : weight.shape()) {
      length = Math.min(Long.MAX_VALUE / 2, Math.max(1, length)) * dimension;
      if (length > ModelSpec.MAXIMUM_PARAMETERS || size + length > ModelSpec.MAXIMUM_PARAMETERS) {
        throw new ModelSpecException(
            layer
                + ": with input "
                + Arrays.toString(before)
                + " the model grows past "
                + ModelSpec.MAXIMUM_PARAMETERS
                + " parameters");
      }
    }
    tensors.add(new Layout.Tensor(tensor, weight.shape(), (int) size, (int) length));
    weights.add(weight);
    size += length;
  }

  private static String name(int index, Layer layer) {
    return "layer " + index + " (" + layer.kind() + ")";
  }

  int[] outputShape() {
    return shape;
  }

  List<Layout.Tensor> tensors() {
    return tensors;
  }

  /** Beside each of the {@link #tensors}. */
  List<Weight> weights() {
    return weights;
  }
}
