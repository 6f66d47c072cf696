package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** An operation bound to its arrays once and run many times. */
final class Operation implements AutoCloseable {
  private final DynamicCustomOp op;
  private final OpContext context;

  private Operation(String name, INDArray output, INDArray... inputs) {
    this.op = DynamicCustomOp.builder(name).build();
    this.context = Nd4j.getExecutioner().buildContext();
    for (int i = 0; i < inputs.length; i++) {
      context.setInputArray(i, inputs[i]);
    }
    context.setOutputArray(0, output);
  }

  /** output = a b, either transposed on the way. */
  static Operation matmul(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray output) {
    Operation operation = new Operation("matmul", output, a, b);
    operation.context.setIArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0);
    return operation;
  }

  /** Adds the bias to every row of x, in place. */
  static Operation addBias(INDArray x, INDArray bias) {
    Operation operation = new Operation("biasadd", x, x, bias);
    operation.context.setBArguments(false);
    return operation;
  }

  /** output = the sum of the rows of x. */
  static Operation sumOfRows(INDArray x, INDArray output) {
    Operation operation = new Operation("reduce_sum", output, x);
    operation.context.setIArguments(0);
    operation.context.setBArguments(false);
    return operation;
  }

  /** output = max(x, 0). */
  static Operation relu(INDArray x, INDArray output) {
    Operation operation = new Operation("relu", output, x);
    operation.context.setTArguments(0.0);
    return operation;
  }

  /** sumGradient = outputGradient where the sums are above 0, else 0. */
  static Operation reluBackward(INDArray sums, INDArray outputGradient, INDArray sumGradient) {
    Operation operation = new Operation("relu_bp", sumGradient, sums, outputGradient);
    operation.context.setTArguments(0.0);
    return operation;
  }

  /** The settings of a window, and the two that follow them. */
  static int[] window(Size kernel, Size strides, Padding padding, int next, int last) {
    return new int[] {
      kernel.height(),
      kernel.width(),
      strides.height(),
      strides.width(),
      0,
      0,
      1,
      1,
      padding == Padding.SAME ? 1 : 0,
      next,
      last
    };
  }

  /** A convolution or pooling: settings by {@link #window}. */
  static Operation windowed(String name, int[] settings, INDArray[] outputs, INDArray... inputs) {
    Operation operation = new Operation(name, outputs[0], inputs);
    for (int i = 1; i < outputs.length; i++) {
      operation.context.setOutputArray(i, outputs[i]);
    }
    operation.context.setIArguments(Arrays.stream(settings).asLongStream().toArray());
    return operation;
  }

  /** An operation without settings: {@code tanh}, {@code sigmoid} and their {@code _bp}. */
  static Operation plain(String name, INDArray output, INDArray... inputs) {
    return new Operation(name, output, inputs);
  }

  void run() {
    Nd4j.getExecutioner().exec(op, context);
  }

  @Override
  public void close() {
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot free an operation", e);
    }
  }
}
