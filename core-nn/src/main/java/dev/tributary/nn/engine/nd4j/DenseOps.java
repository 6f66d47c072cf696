package dev.tributary.nn.engine.nd4j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * x W + b for each vector of a flow. Not xw_plus_b: at widths such as 200 it takes milliseconds,
 * matmul microseconds.
 */
final class DenseOps {
  private DenseOps() {}

  /**
   * Records it.
   *
   * @param positions vectors of an example
   * @param offset of W, which b follows
   */
  static void record(Tape tape, Flow input, Flow output, int positions, int offset) {
    int count = tape.batchSize * positions;
    int inputs = input.width() / positions;
    int units = output.width() / positions;
    int bias = offset + inputs * units;
    tape.reserveOnes(count);
    tape.forward(
        () ->
            Operation.matmul(
                input.values(count, inputs),
                false,
                tape.parameters.view(offset, inputs, units),
                false,
                output.values(count, units)));
    tape.forward(
        () -> {
          INDArray sums = output.values(count, units);
          return Operation.addBias(sums, sums, tape.parameters.view(bias, units));
        });
    List<Supplier<Action>> block = new ArrayList<>();
    block.add(
        () ->
            Operation.matmul(
                input.values(count, inputs),
                true,
                output.gradient(count, units),
                false,
                tape.gradients.view(offset, inputs, units)));
    block.add(() -> sumOfRows(tape, output.gradient(count, units), tape.gradients, bias));
    if (input.differentiable) {
      block.add(
          () ->
              Operation.matmul(
                  output.gradient(count, units),
                  false,
                  tape.parameters.view(offset, inputs, units),
                  true,
                  input.gradient(count, inputs)));
    }
    tape.backward(block);
  }

  /** The sum of the rows of a matrix; {@link Tape#reserveOnes} before. */
  static Operation sumOfRows(Tape tape, INDArray rows, FloatArray into, int at) {
    return Operation.matmul(
        tape.ones(1, rows.size(0)), false, rows, false, into.view(at, 1, rows.size(1)));
  }
}
