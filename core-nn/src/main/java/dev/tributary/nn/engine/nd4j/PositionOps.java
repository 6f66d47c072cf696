package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds a vector for each position: parameters, or sines and cosines. */
final class PositionOps {
  private PositionOps() {}

  static void record(
      Tape tape, Flow input, Flow output, Layer.PositionalEncoding encoding, int weight) {
    int rows = tape.batchSize;
    int width = input.width();
    FloatArray fixed =
        encoding.learned()
            ? tape.parameters
            : tape.constant(Layer.PositionalEncoding.sinusoids(input.shape[0], input.shape[1]));
    tape.forward(
        () -> {
          INDArray vectors = fixed.view(encoding.learned() ? weight : 0, 1, width);
          return Operation.add(output.values(rows, width), input.values(rows, width), vectors);
        });
    List<Supplier<Action>> block = new ArrayList<>();
    if (encoding.learned()) {
      tape.reserveOnes(rows);
      block.add(
          () -> DenseOps.sumOfRows(tape, output.gradient(rows, width), tape.gradients, weight));
    }
    if (input.differentiable) {
      block.add(() -> Operation.copy(input.gradient(rows, width), output.gradient(rows, width)));
    }
    tape.backward(block);
  }
}
