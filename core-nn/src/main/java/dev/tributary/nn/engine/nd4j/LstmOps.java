package dev.tributary.nn.engine.nd4j;

import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * i, f, o by sigmoid, g by tanh; c = f c + i g; h = o tanh(c). Gates lie in the order i, f, g, o.
 * Sigmoids are (1 + tanh(x / 2)) / 2, since ND4J's own takes eight times as long as its tanh, and
 * so one tanh makes all gates of a time; what else they need is a factor for each row.
 */
final class LstmOps extends RecurrentOps {
  private final FloatArray gates;
  private final FloatArray cells;
  private final FloatArray squashed;
  private final FloatArray cellGradient;
  private final FloatArray gateGradient;
  private final FloatArray work;
  private final FloatArray one;

  /** 1/2, and 1 for g. */
  private final FloatArray factor;

  /** 1/2, and 0 for g. */
  private final FloatArray shift;

  /** The slope of a gate y is rise y + start - y y: rise 1 and start 0, and 0 and 1 for g. */
  private final FloatArray rise;

  private final FloatArray start;

  LstmOps(Tape tape, Flow input, Flow output, int weight) {
    super(tape, input, output, 4, 1, weight);
    this.gates = tape.array(tape.inAll(width) * length);
    this.cells = tape.array(tape.inAll(units) * (length + 1));
    this.squashed = tape.array(tape.inAll(units) * length);
    this.cellGradient = tape.array(tape.inAll(units));
    this.gateGradient = tape.array(tape.inAll(width));
    this.work = tape.array(tape.inAll(width));
    this.one = tape.constant(1f);
    this.factor = byGate(0.5f, 1f);
    this.shift = byGate(0.5f, 0f);
    this.rise = byGate(1f, 0f);
    this.start = byGate(0f, 1f);
  }

  /** A number for each gate of each unit. */
  private FloatArray byGate(float sigmoid, float tanh) {
    float[] numbers = new float[width];
    for (int i = 0; i < width; i++) {
      numbers[i] = i / units == 2 ? tanh : sigmoid;
    }
    return tape.constant(numbers);
  }

  @Override
  void cell(int t) {
    product(t, () -> all(t));
    tape.forward(() -> Operation.multiply(all(t), all(t), column(factor)));
    tape.forward(() -> Operation.plain("tanh", all(t), all(t)));
    tape.forward(() -> Operation.multiply(all(t), all(t), column(factor)));
    tape.forward(() -> Operation.add(all(t), all(t), column(shift)));
    tape.forward(() -> Operation.multiply(unit(work, 0), gate(t, 0), gate(t, 2)));
    tape.forward(() -> Operation.multiply(unit(cells, t + 1), gate(t, 1), unit(cells, t)));
    tape.forward(() -> Operation.add(unit(cells, t + 1), unit(cells, t + 1), unit(work, 0)));
    tape.forward(() -> Operation.plain("tanh", unit(squashed, t), unit(cells, t + 1)));
    tape.forward(() -> Operation.multiply(state(t + 1), gate(t, 3), unit(squashed, t)));
  }

  @Override
  void cellGradient(List<Supplier<Action>> block, int t, Supplier<INDArray> gradient) {
    // dc = (what comes from behind) + dh o (1 - tanh(c)^2)
    Supplier<INDArray> first = () -> unit(work, 0);
    Supplier<INDArray> dc = () -> unit(cellGradient, 0);
    block.add(() -> Operation.multiply(first.get(), unit(squashed, t), unit(squashed, t)));
    block.add(() -> Operation.subtract(first.get(), one.view(0, 1, 1), first.get()));
    block.add(() -> Operation.multiply(first.get(), first.get(), gradient.get()));
    if (t == length - 1) {
      block.add(() -> Operation.multiply(dc.get(), first.get(), gate(t, 3)));
    } else {
      block.add(() -> Operation.multiply(first.get(), first.get(), gate(t, 3)));
      block.add(() -> Operation.add(dc.get(), dc.get(), first.get()));
    }
    block.add(() -> Operation.multiply(unit(gateGradient, 0), dc.get(), gate(t, 2)));
    block.add(() -> Operation.multiply(unit(gateGradient, 1), dc.get(), unit(cells, t)));
    block.add(() -> Operation.multiply(unit(gateGradient, 2), dc.get(), gate(t, 0)));
    block.add(() -> Operation.multiply(unit(gateGradient, 3), gradient.get(), unit(squashed, t)));
    block.add(() -> Operation.multiply(dc.get(), dc.get(), gate(t, 1)));
    // through the gates
    Supplier<INDArray> dz = () -> gateGradient.view(0, width, rows);
    Supplier<INDArray> slope = () -> work.view(0, width, rows);
    block.add(() -> Operation.subtract(slope.get(), column(rise), all(t)));
    block.add(() -> Operation.multiply(slope.get(), slope.get(), all(t)));
    block.add(() -> Operation.add(slope.get(), slope.get(), column(start)));
    block.add(() -> Operation.multiply(dz.get(), dz.get(), slope.get()));
    productGradient(block, t, dz);
  }

  private INDArray all(int t) {
    return gates.view(t * width * rows, width, rows);
  }

  private INDArray gate(int t, int which) {
    return gates.view((t * width + which * units) * rows, units, rows);
  }

  private INDArray unit(FloatArray of, int t) {
    return of.view(t * units * rows, units, rows);
  }

  private INDArray column(FloatArray of) {
    return of.view(0, width, 1);
  }
}
