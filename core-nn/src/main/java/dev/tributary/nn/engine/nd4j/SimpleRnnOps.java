package dev.tributary.nn.engine.nd4j;

import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** h = tanh(x W + h U + b). */
final class SimpleRnnOps extends RecurrentOps {
  private final FloatArray one;
  private final FloatArray slope;

  SimpleRnnOps(Tape tape, Flow input, Flow output, int weight) {
    super(tape, input, output, 1, 1, weight);
    this.one = tape.constant(1f);
    this.slope = tape.array(tape.inAll(units));
  }

  @Override
  void cell(int t) {
    product(t, () -> state(t + 1));
    tape.forward(() -> Operation.plain("tanh", state(t + 1), state(t + 1)));
  }

  @Override
  void cellGradient(List<Supplier<Action>> block, int t, Supplier<INDArray> gradient) {
    Supplier<INDArray> gates = () -> slope.view(0, units, rows);
    block.add(() -> Operation.multiply(gates.get(), state(t + 1), state(t + 1)));
    block.add(() -> Operation.subtract(gates.get(), one.view(0, 1, 1), gates.get()));
    block.add(() -> Operation.multiply(gates.get(), gates.get(), gradient.get()));
    productGradient(block, t, gates);
  }
}
