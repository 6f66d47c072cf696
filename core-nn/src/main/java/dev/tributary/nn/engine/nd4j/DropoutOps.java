package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.engine.DropoutMask;
import java.util.List;

/** Zeros by the seed of the step, drawn on the heap as every engine draws them. */
final class DropoutOps {
  private DropoutOps() {}

  static void record(Tape tape, Flow input, Flow output, DropoutMask mask) {
    int count = tape.batchSize * output.width();
    FloatArray factors = tape.array(tape.inAll(output.width()));
    tape.onHeap(count);
    tape.training(
        () -> {
          float[] drawn = new float[count];
          return pass -> {
            mask.fill(pass.batch().seed(), drawn, count);
            factors.put(0, drawn, count);
          };
        });
    tape.training(
        () ->
            Operation.multiply(output.values(count), input.values(count), factors.view(0, count)));
    tape.evaluation(() -> Operation.copy(output.values(count), input.values(count)));
    if (input.differentiable) {
      tape.backward(
          List.of(
              () ->
                  Operation.multiply(
                      input.gradient(count), output.gradient(count), factors.view(0, count))));
    }
  }
}
