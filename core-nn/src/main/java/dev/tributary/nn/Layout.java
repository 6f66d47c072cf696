package dev.tributary.nn;

import java.util.Arrays;
import java.util.List;

/** Where each named tensor of a model lies in its flat float32[d]: in order, without gaps. */
public final class Layout {
  private final List<Tensor> tensors;
  private final int size;

  Layout(List<Tensor> tensors) {
    this.tensors = List.copyOf(tensors);
    int end = 0;
    for (Tensor tensor : tensors) {
      end += tensor.length();
    }
    this.size = end;
  }

  /** The tensors by ascending offset. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /** d: the number of floats in all. */
  public int size() {
    return size;
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor tensor(String name) {
    for (Tensor tensor : tensors) {
      if (tensor.name().equals(name)) {
        return tensor;
      }
    }
    throw new IllegalArgumentException("no tensor " + name + " in " + tensors);
  }

  @Override
  public String toString() {
    return size + " floats " + tensors;
  }

  /** A named array of float32 inside the flat vector, row-major. */
  public static final class Tensor {
    private final String name;
    private final int[] shape;
    private final int offset;
    private final int length;

    Tensor(String name, int[] shape, int offset, int length) {
      this.name = name;
      this.shape = shape.clone();
      this.offset = offset;
      this.length = length;
    }

    /** For example {@code layers.1.weight}: the position in the list of layers, and the role. */
    public String name() {
      return name;
    }

    /** Dimensions, slowest first. */
    public int[] shape() {
      return shape.clone();
    }

    /** Index of the first float. */
    public int offset() {
      return offset;
    }

    /** Number of floats. */
    public int length() {
      return length;
    }

    @Override
    public String toString() {
      return name + Arrays.toString(shape);
    }
  }
}
