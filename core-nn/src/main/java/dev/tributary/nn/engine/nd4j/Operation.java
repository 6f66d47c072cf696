package dev.tributary.nn.engine.nd4j;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;

/** An operation bound to its arrays once and run many times. Outputs may be inputs. */
final class Operation implements Action {
  private final Runnable run;
  private final @Nullable OpContext context;

  private Operation(DynamicCustomOp op, OpContext context) {
    this.run = () -> Nd4j.getExecutioner().exec(op, context);
    this.context = context;
  }

  /** The old kind, which some functions are alone in having. */
  private Operation(Op op) {
    this.run = () -> Nd4j.getExecutioner().exec(op);
    this.context = null;
  }

  private static OpContext context(INDArray[] outputs, INDArray... inputs) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    for (int i = 0; i < inputs.length; i++) {
      context.setInputArray(i, inputs[i]);
    }
    for (int i = 0; i < outputs.length; i++) {
      context.setOutputArray(i, outputs[i]);
    }
    return context;
  }

  private static Operation of(String name, OpContext context) {
    return new Operation(DynamicCustomOp.builder(name).build(), context);
  }

  /** output = a b, either transposed on the way; of stacks of matrices one by one. */
  static Operation matmul(
      INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray output) {
    return matmul(1, a, transposeA, b, transposeB, 0, output);
  }

  /** output = alpha a b + beta output. */
  static Operation matmul(
      double alpha,
      INDArray a,
      boolean transposeA,
      INDArray b,
      boolean transposeB,
      double beta,
      INDArray output) {
    OpContext context = context(new INDArray[] {output}, a, b);
    context.setIArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0);
    context.setTArguments(alpha, beta);
    return of("matmul", context);
  }

  /** output = x + bias, the same for every row. */
  static Operation addBias(INDArray output, INDArray x, INDArray bias) {
    OpContext context = context(new INDArray[] {output}, x, bias);
    context.setBArguments(false);
    return of("biasadd", context);
  }

  /** output = x + y; dimensions of 1 are repeated, as in all four. */
  static Operation add(INDArray output, INDArray x, INDArray y) {
    return plain("add", output, x, y);
  }

  /** output = x - y. */
  static Operation subtract(INDArray output, INDArray x, INDArray y) {
    return plain("subtract", output, x, y);
  }

  /** output = x y, number by number. */
  static Operation multiply(INDArray output, INDArray x, INDArray y) {
    return plain("multiply", output, x, y);
  }

  static Operation copy(INDArray output, INDArray x) {
    return plain("identity", output, x);
  }

  /** output = x with its dimensions in that order; both may have gaps. */
  static Operation permute(INDArray output, INDArray x, long... order) {
    OpContext context = context(new INDArray[] {output}, x);
    context.setIArguments(order);
    return of("permute", context);
  }

  /**
   * e^x over its sum along the last dimension of [a, b, c]; a matrix would take five times as long.
   */
  static Operation softmax(INDArray output, INDArray x) {
    OpContext context = context(new INDArray[] {output}, x);
    context.setIArguments(2);
    return of("softmax", context);
  }

  /** 1 / sqrt(x). */
  static Operation inverseRoot(INDArray output, INDArray x) {
    return new Operation(new RSqrt(x, output));
  }

  static Operation exp(INDArray output, INDArray x) {
    return new Operation(new Exp(x, output));
  }

  /** The error function. */
  static Operation erf(INDArray output, INDArray x) {
    return new Operation(new Erf(x, output));
  }

  /** A convolution or pooling: settings by {@link WindowOps}. */
  static Operation windowed(String name, int[] settings, INDArray[] outputs, INDArray... inputs) {
    OpContext context = context(outputs, inputs);
    context.setIArguments(Arrays.stream(settings).asLongStream().toArray());
    return of(name, context);
  }

  /**
   * An operation with one number for a setting: {@code relu}, {@code elu} and their {@code _bp}.
   */
  static Operation withNumber(String name, double number, INDArray output, INDArray... inputs) {
    OpContext context = context(new INDArray[] {output}, inputs);
    context.setTArguments(number);
    return of(name, context);
  }

  /** An operation without settings: {@code tanh}, {@code sigmoid} and their {@code _bp}. */
  static Operation plain(String name, INDArray output, INDArray... inputs) {
    return of(name, context(new INDArray[] {output}, inputs));
  }

  @Override
  public void run(Pass pass) {
    run.run();
  }

  @Override
  public void close() {
    if (context == null) {
      return;
    }
    try {
      context.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot free an operation", e);
    }
  }
}
