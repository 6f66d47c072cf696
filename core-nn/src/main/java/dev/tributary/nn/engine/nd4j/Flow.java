package dev.tributary.nn.engine.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What flows between two layers: float32[batch, shape...], and the gradient of the loss with
 * respect to it. The features have none, nor has what follows from them without parameters.
 */
final class Flow {
  final FloatArray values;
  final FloatArray gradients;
  final int[] shape;
  final boolean differentiable;

  Flow(FloatArray values, FloatArray gradients, int[] shape, boolean differentiable) {
    this.values = values;
    this.gradients = gradients;
    this.shape = shape.clone();
    this.differentiable = differentiable;
  }

  /** The same numbers, seen otherwise. */
  Flow reshaped(int[] other) {
    return new Flow(values, gradients, other, differentiable);
  }

  /** Numbers of one example. */
  int width() {
    return length(shape);
  }

  /** All numbers, row-major. */
  INDArray values(long... dimensions) {
    return values.view(0, dimensions);
  }

  /** The gradient of all numbers, row-major. */
  INDArray gradient(long... dimensions) {
    return gradients.view(0, dimensions);
  }

  static int length(int[] shape) {
    int length = 1;
    for (int dimension : shape) {
      length *= dimension;
    }
    return length;
  }

  /** The batch, then the shape of an example. */
  static long[] batched(int batchSize, int[] shape) {
    long[] dimensions = new long[shape.length + 1];
    dimensions[0] = batchSize;
    for (int i = 0; i < shape.length; i++) {
      dimensions[i + 1] = shape[i];
    }
    return dimensions;
  }
}
