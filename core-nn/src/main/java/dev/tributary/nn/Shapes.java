package dev.tributary.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Walks the layers once: checks each against the shape that reaches it and lists the tensors. */
final class Shapes {
  private final List<Layout.Tensor> tensors = new ArrayList<>();
  private long size;
  private int[] shape;

  Shapes(int[] inputShape, List<Layer> layers, Loss loss) {
    for (int dimension : inputShape) {
      if (dimension < 1) {
        throw new ModelSpecException(
            "input: expected dimensions of at least 1, came " + Arrays.toString(inputShape));
      }
    }
    this.shape = inputShape;
    length("input");
    for (int i = 0; i < layers.size(); i++) {
      boolean last = i == layers.size() - 1;
      Layer layer = layers.get(i);
      if (layer instanceof Layer.Flatten) {
        shape = new int[] {length(name(i, layer))};
      } else if (layer instanceof Layer.Rescaling rescaling) {
        rescaling(name(i, layer), rescaling);
      } else if (layer instanceof Layer.Dense dense) {
        dense(i, dense, last, loss);
      }
    }
    if (!(layers.get(layers.size() - 1) instanceof Layer.Dense last)) {
      int index = layers.size() - 1;
      throw new ModelSpecException(
          name(index, layers.get(index))
              + ": the last layer must be dense: add {dense: {units, activation}}");
    }
    boolean softmax = last.activation() == Activation.SOFTMAX;
    if (loss == Loss.SPARSE_CATEGORICAL_CROSSENTROPY && (!softmax || last.units() < 2)) {
      throw new ModelSpecException(
          "loss "
              + loss.key()
              + ": the last layer must be dense with activation softmax and at least 2 units, is "
              + last.activation().key()
              + " with "
              + last.units());
    }
  }

  private void rescaling(String name, Layer.Rescaling rescaling) {
    if (!tensors.isEmpty()) {
      throw new ModelSpecException(name + ": belongs before the first dense layer");
    }
    for (double value : new double[] {rescaling.scale(), rescaling.offset()}) {
      if (!(value == 0 || (Math.abs(value) >= 1e-9 && Math.abs(value) <= 1e9))) {
        throw new ModelSpecException(
            name + ": scale and offset must be 0 or of a size from 1e-9 to 1e9, came " + value);
      }
    }
  }

  private void dense(int index, Layer.Dense dense, boolean last, Loss loss) {
    String name = name(index, dense);
    if (shape.length != 1) {
      throw new ModelSpecException(
          name
              + ": takes a vector, its input is "
              + Arrays.toString(shape)
              + ": put a flatten before it");
    }
    if (dense.units() < 1) {
      throw new ModelSpecException(name + ": units must be at least 1, is " + dense.units());
    }
    boolean fused = last && loss == Loss.SPARSE_CATEGORICAL_CROSSENTROPY;
    if (dense.activation() == Activation.SOFTMAX && !fused) {
      throw new ModelSpecException(
          name
              + ": softmax belongs to the last layer, together with loss "
              + Loss.SPARSE_CATEGORICAL_CROSSENTROPY.key());
    }
    String prefix = "layers." + index;
    add(name, prefix + ".weight", shape[0], dense.units());
    add(name, prefix + ".bias", dense.units());
    shape = new int[] {dense.units()};
  }

  private void add(String layer, String tensor, int... dimensions) {
    long length = 1;
    for (int dimension : dimensions) {
      length *= dimension;
    }
    if (length > ModelSpec.MAXIMUM_SIZE || size + length > ModelSpec.MAXIMUM_SIZE) {
      throw new ModelSpecException(
          layer
              + ": with input "
              + Arrays.toString(shape)
              + " the model grows past "
              + ModelSpec.MAXIMUM_SIZE
              + " parameters");
    }
    tensors.add(new Layout.Tensor(tensor, dimensions, (int) size, (int) length));
    size += length;
  }

  private int length(String where) {
    long product = 1;
    for (int dimension : shape) {
      product *= dimension;
      if (product > ModelSpec.MAXIMUM_SIZE) {
        throw new ModelSpecException(
            where
                + ": an example of shape "
                + Arrays.toString(shape)
                + " has more than "
                + ModelSpec.MAXIMUM_SIZE
                + " numbers");
      }
    }
    return (int) product;
  }

  private static String name(int index, Layer layer) {
    return "layer " + index + " (" + layer.kind() + ")";
  }

  int outputs() {
    return shape[0];
  }

  List<Layout.Tensor> tensors() {
    return tensors;
  }
}
