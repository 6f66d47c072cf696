package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A function of every number, or of every row. */
final class ActivationOps {
  private final Tape tape;
  private final Flow input;
  private final Flow output;
  private final int count;
  private final List<Supplier<Action>> block = new ArrayList<>();

  private ActivationOps(Tape tape, Flow input, Flow output) {
    this.tape = tape;
    this.input = input;
    this.output = output;
    this.count = tape.batchSize * output.width();
  }

  /** Records it; not of linear, which is nothing. */
  static void record(Tape tape, Activation activation, Flow input, Flow output) {
    ActivationOps ops = new ActivationOps(tape, input, output);
    switch (activation) {
      case RELU -> ops.withNumber("relu", 0);
      case LEAKY_RELU -> ops.withNumber("lrelu", 0.01);
      case ELU -> ops.withNumber("elu", 1);
      case TANH, SIGMOID, SOFTPLUS -> ops.plain(activation.key());
      case SILU -> ops.silu();
      case GELU -> ops.gelu();
      case SOFTMAX -> ops.softmax();
      case LINEAR -> throw new IllegalStateException("linear");
    }
    if (input.differentiable) {
      tape.backward(ops.block);
    }
  }

  private void withNumber(String name, double number) {
    tape.forward(
        () -> Operation.withNumber(name, number, output.values(count), input.values(count)));
    block.add(
        () ->
            Operation.withNumber(
                name + "_bp",
                number,
                input.gradient(count),
                input.values(count),
                output.gradient(count)));
  }

  private void plain(String name) {
    tape.forward(() -> Operation.plain(name, output.values(count), input.values(count)));
    block.add(
        () ->
            Operation.plain(
                name + "_bp", input.gradient(count), input.values(count), output.gradient(count)));
  }

  /** y = x s with s = sigmoid(x), and dx = dy (s + y - y s). */
  private void silu() {
    FloatArray s = tape.array(count);
    tape.forward(() -> Operation.plain("sigmoid", s.view(0, count), input.values(count)));
    tape.forward(
        () -> Operation.multiply(output.values(count), input.values(count), s.view(0, count)));
    block.add(
        () -> Operation.multiply(input.gradient(count), output.values(count), s.view(0, count)));
    block.add(
        () ->
            Operation.subtract(input.gradient(count), output.values(count), input.gradient(count)));
    block.add(() -> Operation.add(input.gradient(count), input.gradient(count), s.view(0, count)));
    block.add(() -> timesOutputGradient());
  }

  /** y = x P with P = (1 + erf(x / sqrt 2)) / 2, and dx = dy (P + x e^(-x x / 2) / sqrt(2 pi)). */
  private void gelu() {
    FloatArray share = tape.array(count);
    FloatArray half = tape.constant(0.5f);
    FloatArray root = tape.constant((float) Math.sqrt(0.5));
    FloatArray minusHalf = tape.constant(-0.5f);
    FloatArray density = tape.constant(Activation.INVERSE_SQRT_2_PI);
    tape.forward(
        () -> Operation.multiply(share.view(0, count), input.values(count), root.view(0, 1)));
    tape.forward(() -> Operation.erf(share.view(0, count), share.view(0, count)));
    tape.forward(
        () -> Operation.multiply(share.view(0, count), share.view(0, count), half.view(0, 1)));
    tape.forward(() -> Operation.add(share.view(0, count), share.view(0, count), half.view(0, 1)));
    tape.forward(
        () -> Operation.multiply(output.values(count), input.values(count), share.view(0, count)));
    block.add(
        () -> Operation.multiply(input.gradient(count), input.values(count), input.values(count)));
    block.add(
        () ->
            Operation.multiply(input.gradient(count), input.gradient(count), minusHalf.view(0, 1)));
    block.add(() -> Operation.exp(input.gradient(count), input.gradient(count)));
    block.add(
        () -> Operation.multiply(input.gradient(count), input.gradient(count), density.view(0, 1)));
    block.add(
        () ->
            Operation.multiply(input.gradient(count), input.gradient(count), input.values(count)));
    block.add(
        () -> Operation.add(input.gradient(count), input.gradient(count), share.view(0, count)));
    block.add(() -> timesOutputGradient());
  }

  private Operation timesOutputGradient() {
    return Operation.multiply(input.gradient(count), input.gradient(count), output.gradient(count));
  }

  private void softmax() {
    int length = output.shape[output.shape.length - 1];
    int rows = count / length;
    tape.forward(
        () -> Operation.softmax(output.values(rows, 1, length), input.values(rows, 1, length)));
    block.add(() -> Operation.copy(input.gradient(count), output.gradient(count)));
    softmaxGradient(tape, block, output.values, input.gradients, rows, length);
  }

  /** In the array of the gradient: dx = y (dy - sum of y dy), along rows. */
  static void softmaxGradient(
      Tape tape,
      List<Supplier<Action>> block,
      FloatArray y,
      FloatArray gradient,
      int rows,
      int length) {
    FloatArray product = tape.scratch(0, (long) rows * length);
    FloatArray sum = tape.scratch(1, rows);
    tape.reserveOnes(length);
    block.add(
        () ->
            Operation.multiply(
                product.view(0, rows, length),
                y.view(0, rows, length),
                gradient.view(0, rows, length)));
    block.add(
        () ->
            Operation.matmul(
                product.view(0, rows, length),
                false,
                tape.ones(length, 1),
                false,
                sum.view(0, rows, 1)));
    block.add(
        () ->
            Operation.subtract(
                gradient.view(0, rows, length),
                gradient.view(0, rows, length),
                sum.view(0, rows, 1)));
    block.add(
        () ->
            Operation.multiply(
                gradient.view(0, rows, length),
                gradient.view(0, rows, length),
                y.view(0, rows, length)));
  }
}
