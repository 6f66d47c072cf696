package dev.tributary.nn.engine.nd4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * States along a sequence. Everything inside lies by time and then with the rows of the batch as
 * columns, so that each gate of a time is without gaps: {@code columns} holds [x, h, 1] of each
 * time, float32[length + 1, channels + units + extra, rows]. W, U and b follow each other in the
 * parameters, and so one product makes all gates of a time.
 */
abstract class RecurrentOps {
  final Tape tape;
  final int length;
  final int channels;
  final int units;

  /** Numbers of all gates of a state. */
  final int width;

  final int rows;
  final int weight;

  /** Rows of {@link #columns} of one time. */
  final int depth;

  final FloatArray columns;
  final boolean inputs;
  private final Flow input;
  private final Flow output;
  private final boolean sequences;

  /** The gradient of all outputs, by time. */
  private final FloatArray given;

  /** The gradient of [x, h] of all times; of h alone where x has none. */
  private final FloatArray back;

  /**
   * Of a layer.
   *
   * @param extra rows of {@code columns} for biases: zeros, and the last of ones
   */
  RecurrentOps(Tape tape, Flow input, Flow output, int gates, int extra, int weight) {
    this.tape = tape;
    this.input = input;
    this.output = output;
    this.length = input.shape[0];
    this.channels = input.shape[1];
    this.units = output.shape[output.shape.length - 1];
    this.width = gates * units;
    this.rows = tape.batchSize;
    this.weight = weight;
    this.depth = channels + units + extra;
    this.sequences = output.shape.length == 2;
    this.inputs = input.differentiable;
    this.columns = tape.array(tape.inAll(depth) * (length + 1));
    this.given = tape.array(tape.inAll(output.width()));
    this.back = tape.array(tape.inAll(backDepth()) * length);
    float[] ones = new float[rows];
    Arrays.fill(ones, 1f);
    tape.content(
        () -> {
          for (int t = 0; t < length; t++) {
            columns.put(((t + 1) * depth - 1) * rows, ones, rows);
          }
        });
  }

  private int backDepth() {
    return (inputs ? channels : 0) + units;
  }

  /** Records how the state behind time t is made. */
  abstract void cell(int t);

  /**
   * Records how the gradients of the parameters, and by {@link #back} those of [x, h], are made.
   *
   * @param gradient of the state behind time t, which may be overwritten
   */
  abstract void cellGradient(List<Supplier<Action>> block, int t, Supplier<INDArray> gradient);

  final void record() {
    tape.forward(
        () ->
            Operation.permute(
                byTime(columns, 0, depth, channels, length),
                input.values(rows, length, channels),
                1,
                2,
                0));
    for (int t = 0; t < length; t++) {
      cell(t);
    }
    int from = sequences ? 1 : length;
    int times = sequences ? length : 1;
    tape.forward(
        () ->
            Operation.permute(
                output.values(rows, times, units),
                byTime(columns, from * depth + channels, depth, units, times),
                2,
                0,
                1));
    List<Supplier<Action>> block = new ArrayList<>();
    block.add(
        () ->
            Operation.permute(
                given.view(0, times, units, rows), output.gradient(rows, times, units), 1, 2, 0));
    for (int t = length - 1; t >= 0; t--) {
      cellGradient(block, t, stateGradient(block, t));
    }
    finish(block);
    if (inputs) {
      block.add(
          () ->
              Operation.permute(
                  input.gradient(rows, length, channels),
                  byTime(back, 0, backDepth(), channels, length),
                  2,
                  0,
                  1));
    }
    tape.backward(block);
  }

  /** What is left when all times are through. */
  void finish(List<Supplier<Action>> block) {}

  /** From the outputs, and from the time behind. */
  private Supplier<INDArray> stateGradient(List<Supplier<Action>> block, int t) {
    if (t == length - 1) {
      return () -> given.view(sequences ? t * units * rows : 0, units, rows);
    }
    Supplier<INDArray> behind = () -> backOfState(t + 1);
    if (sequences) {
      block.add(
          () ->
              Operation.add(behind.get(), behind.get(), given.view(t * units * rows, units, rows)));
    }
    return behind;
  }

  /** By time: [times, count, rows] of arrays with {@code of} rows a time, from a row on. */
  private INDArray byTime(FloatArray array, int row, int of, int count, int times) {
    return array.strided(
        row * rows, new long[] {times, count, rows}, new long[] {(long) of * rows, rows, 1});
  }

  /** Rows of [x, h, 1] of a time. */
  final INDArray columns(int t, int row, int count) {
    return columns.view((t * depth + row) * rows, count, rows);
  }

  /** The state before time t, and so behind t - 1. */
  final INDArray state(int t) {
    return columns(t, channels, units);
  }

  /** The gradient of [x, h] of time t, or of h alone. */
  final INDArray back(int t) {
    return back.view(t * backDepth() * rows, backDepth(), rows);
  }

  final INDArray backOfInput(int t) {
    return back.view(t * backDepth() * rows, channels, rows);
  }

  final INDArray backOfState(int t) {
    return back.view((t * backDepth() + backDepth() - units) * rows, units, rows);
  }

  /** Rows of W, U and b as one matrix. */
  final INDArray matrix(FloatArray of, int row, int count) {
    return of.view(weight + row * width, count, width);
  }

  /** into = [W, U, b]^T [x, h, 1] of a time. */
  final void product(int t, Supplier<INDArray> into) {
    tape.forward(
        () ->
            Operation.matmul(
                matrix(tape.parameters, 0, depth), true, columns(t, 0, depth), false, into.get()));
  }

  /** From the gradient of the gates of a time: of W, U and b, all at once, and of [x, h]. */
  final void productGradient(List<Supplier<Action>> block, int t, Supplier<INDArray> gates) {
    accumulate(block, t, 0, depth, gates);
    if (t > 0 || inputs) {
      int first = inputs ? 0 : channels;
      block.add(
          () ->
              Operation.matmul(
                  matrix(tape.parameters, first, backDepth()), false, gates.get(), false, back(t)));
    }
  }

  /** Adds to the gradient of rows of [W, U, b]. */
  final void accumulate(
      List<Supplier<Action>> block, int t, int row, int count, Supplier<INDArray> gates) {
    block.add(
        () ->
            Operation.matmul(
                1,
                columns(t, row, count),
                false,
                gates.get(),
                true,
                t == length - 1 ? 0 : 1,
                matrix(tape.gradients, row, count)));
  }
}
