package dev.tributary.nn.engine.nd4j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * softmax(Q K^T / sqrt(channels of a head)) V for each row and head, between two dense products.
 * Heads are views with gaps into what these make and take, so nothing is copied: the products of a
 * stack of matrices are done one by one, and each takes rows that lie apart.
 */
final class AttentionOps {
  private final Tape tape;
  private final Flow input;
  private final Flow output;
  private final Flow mixed;
  private final Flow joined;
  private final int heads;
  private final int length;
  private final int channels;
  private final int size;
  private final double scale;

  /** Softmax of all rows and heads: [rows, heads, length, length]. */
  private final FloatArray attention;

  AttentionOps(Tape tape, Flow input, Flow output, int heads) {
    this.tape = tape;
    this.input = input;
    this.output = output;
    this.heads = heads;
    this.length = input.shape[0];
    this.channels = input.shape[1];
    this.size = channels / heads;
    this.scale = 1 / Math.sqrt(size);
    this.mixed = tape.flow(new int[] {length, 3 * channels}, true);
    this.joined = tape.flow(new int[] {length, channels}, true);
    this.attention = tape.array(tape.inAll(heads) * length * length);
  }

  /**
   * Records it.
   *
   * @param mask what a position does not see
   * @param weight offset of the four tensors
   */
  void record(AttentionMask mask, int weight) {
    DenseOps.record(tape, input, mixed, length, weight);
    tape.forward(
        () ->
            Operation.matmul(
                scale,
                part(mixed.values, 0),
                false,
                part(mixed.values, 1),
                true,
                0,
                squares(attention)));
    mask.hide(tape, () -> squares(attention));
    tape.forward(() -> Operation.softmax(stack(attention), stack(attention)));
    mask.silence(tape, () -> squares(attention));
    tape.forward(
        () ->
            Operation.matmul(
                squares(attention), false, part(mixed.values, 2), false, joined(joined.values)));
    tape.backward(backward());
    DenseOps.record(tape, joined, output, length, weight + 3 * channels * (channels + 1));
  }

  private List<Supplier<Action>> backward() {
    FloatArray gradient = tape.scratch(2, attention.length());
    List<Supplier<Action>> block = new ArrayList<>();
    // dV = A^T dO
    block.add(
        () ->
            Operation.matmul(
                squares(attention),
                true,
                joined(joined.gradients),
                false,
                part(mixed.gradients, 2)));
    // dA = dO V^T, then through the softmax
    block.add(
        () ->
            Operation.matmul(
                joined(joined.gradients), false, part(mixed.values, 2), true, squares(gradient)));
    ActivationOps.softmaxGradient(
        tape, block, attention, gradient, tape.batchSize * heads * length, length);
    // dQ = dS K and dK = dS^T Q
    block.add(() -> scaled(gradient, false, 1, 0));
    block.add(() -> scaled(gradient, true, 0, 1));
    return block;
  }

  private Operation scaled(FloatArray gradient, boolean transposed, int of, int into) {
    return Operation.matmul(
        scale,
        squares(gradient),
        transposed,
        part(mixed.values, of),
        false,
        0,
        part(mixed.gradients, into));
  }

  /** Queries (0), keys (1) or values (2) of all heads: [rows, heads, length, size]. */
  private INDArray part(FloatArray of, int which) {
    long row = 3L * channels;
    return of.strided(
        which * channels,
        new long[] {tape.batchSize, heads, length, size},
        new long[] {length * row, size, row, 1});
  }

  private INDArray joined(FloatArray of) {
    return of.strided(
        0,
        new long[] {tape.batchSize, heads, length, size},
        new long[] {(long) length * channels, size, channels, 1});
  }

  private INDArray squares(FloatArray of) {
    return of.view(0, tape.batchSize, heads, length, length);
  }

  private INDArray stack(FloatArray of) {
    return of.view(0, (long) tape.batchSize * heads, length, length);
  }
}
