package dev.tributary.nn.engine.nd4j;

import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * z and r by sigmoid; n = tanh(x W + r (h U)); h = z h + (1 - z) n. Gates lie in the order z, r, n.
 * Both products have a bias, so they are made apart: of h with [U, b, b'] and [h, 0, 1], while b is
 * added to that of x.
 */
final class GruOps extends RecurrentOps {
  private final FloatArray gates;
  private final FloatArray hidden;
  private final FloatArray gateGradient;
  private final FloatArray hiddenGradient;
  private final FloatArray inputGradients;
  private final FloatArray work;
  private final FloatArray direct;
  private final FloatArray half;
  private final FloatArray one;

  GruOps(Tape tape, Flow input, Flow output, int weight) {
    super(tape, input, output, 3, 2, weight);
    this.gates = tape.array(tape.inAll(width) * length);
    this.hidden = tape.array(tape.inAll(width) * length);
    this.gateGradient = tape.array(tape.inAll(width));
    this.hiddenGradient = tape.array(tape.inAll(width));
    this.inputGradients = tape.array(tape.inAll(width));
    this.work = tape.array(tape.inAll(width));
    this.direct = tape.array(tape.inAll(units));
    this.half = tape.constant(0.5f);
    this.one = tape.constant(1f);
    tape.reserveOnes(rows);
  }

  @Override
  void cell(int t) {
    tape.forward(
        () ->
            Operation.matmul(
                matrix(tape.parameters, 0, channels),
                true,
                columns(t, 0, channels),
                false,
                all(gates, t)));
    tape.forward(() -> Operation.add(all(gates, t), all(gates, t), inputBias(tape.parameters)));
    tape.forward(
        () ->
            Operation.matmul(
                matrix(tape.parameters, channels, units + 2),
                true,
                columns(t, channels, units + 2),
                false,
                all(hidden, t)));
    // z and r together, by tanh as in LstmOps
    tape.forward(() -> Operation.add(both(gates, t), both(gates, t), both(hidden, t)));
    tape.forward(() -> Operation.multiply(both(gates, t), both(gates, t), half.view(0, 1, 1)));
    tape.forward(() -> Operation.plain("tanh", both(gates, t), both(gates, t)));
    tape.forward(() -> Operation.multiply(both(gates, t), both(gates, t), half.view(0, 1, 1)));
    tape.forward(() -> Operation.add(both(gates, t), both(gates, t), half.view(0, 1, 1)));
    tape.forward(() -> Operation.multiply(unit(work, 0), gate(gates, t, 1), gate(hidden, t, 2)));
    tape.forward(() -> Operation.add(gate(gates, t, 2), gate(gates, t, 2), unit(work, 0)));
    tape.forward(() -> Operation.plain("tanh", gate(gates, t, 2), gate(gates, t, 2)));
    // h = n + z (h - n)
    tape.forward(() -> Operation.subtract(unit(work, 0), state(t), gate(gates, t, 2)));
    tape.forward(() -> Operation.multiply(unit(work, 0), unit(work, 0), gate(gates, t, 0)));
    tape.forward(() -> Operation.add(state(t + 1), unit(work, 0), gate(gates, t, 2)));
  }

  @Override
  void cellGradient(List<Supplier<Action>> block, int t, Supplier<INDArray> gradient) {
    Supplier<INDArray> dz = () -> unit(gateGradient, 0);
    Supplier<INDArray> dr = () -> unit(gateGradient, 1);
    Supplier<INDArray> dn = () -> unit(gateGradient, 2);
    Supplier<INDArray> first = () -> unit(work, 0);
    if (t < length - 1) {
      block.add(() -> Operation.add(gradient.get(), gradient.get(), unit(direct, 0)));
    }
    block.add(() -> Operation.multiply(unit(direct, 0), gradient.get(), gate(gates, t, 0)));
    // dn = dh (1 - z) (1 - n^2)
    block.add(() -> Operation.subtract(dn.get(), gradient.get(), unit(direct, 0)));
    block.add(() -> Operation.multiply(first.get(), gate(gates, t, 2), gate(gates, t, 2)));
    block.add(() -> Operation.subtract(first.get(), one.view(0, 1, 1), first.get()));
    block.add(() -> Operation.multiply(dn.get(), dn.get(), first.get()));
    // dz and dr before their slopes y - y^2: dh (h - n) and dn (h U)
    block.add(() -> Operation.subtract(first.get(), state(t), gate(gates, t, 2)));
    block.add(() -> Operation.multiply(dz.get(), gradient.get(), first.get()));
    block.add(() -> Operation.multiply(dr.get(), dn.get(), gate(hidden, t, 2)));
    block.add(() -> Operation.multiply(both(work, 0), both(gates, t), both(gates, t)));
    block.add(() -> Operation.subtract(both(work, 0), both(gates, t), both(work, 0)));
    block.add(
        () -> Operation.multiply(both(gateGradient, 0), both(gateGradient, 0), both(work, 0)));
    // of h U: dz, dr, dn r
    block.add(() -> Operation.copy(both(hiddenGradient, 0), both(gateGradient, 0)));
    block.add(() -> Operation.multiply(gate(hiddenGradient, 0, 2), dn.get(), gate(gates, t, 1)));
    accumulate(block, t, 0, channels, () -> all(gateGradient, 0));
    accumulate(block, t, channels, units + 2, () -> all(hiddenGradient, 0));
    block.add(
        () ->
            t == length - 1
                ? Operation.copy(all(inputGradients, 0), all(gateGradient, 0))
                : Operation.add(
                    all(inputGradients, 0), all(inputGradients, 0), all(gateGradient, 0)));
    if (t > 0) {
      block.add(() -> before(channels, units, hiddenGradient, backOfState(t)));
    }
    if (inputs) {
      block.add(() -> before(0, channels, gateGradient, backOfInput(t)));
    }
  }

  private Operation before(int row, int count, FloatArray of, INDArray into) {
    return Operation.matmul(matrix(tape.parameters, row, count), false, all(of, 0), false, into);
  }

  /** The bias of x W, whose row stays 0 in the product with [h, 0, 1]. */
  @Override
  void finish(List<Supplier<Action>> block) {
    block.add(
        () ->
            Operation.matmul(
                all(inputGradients, 0),
                false,
                tape.ones(rows, 1),
                false,
                inputBias(tape.gradients)));
  }

  private INDArray inputBias(FloatArray of) {
    return of.view(weight + (channels + units) * width, width, 1);
  }

  private INDArray all(FloatArray of, int t) {
    return of.view(t * width * rows, width, rows);
  }

  /** z and r. */
  private INDArray both(FloatArray of, int t) {
    return of.view(t * width * rows, 2L * units, rows);
  }

  private INDArray gate(FloatArray of, int t, int which) {
    return of.view((t * width + which * units) * rows, units, rows);
  }

  private INDArray unit(FloatArray of, int which) {
    return of.view(which * units * rows, units, rows);
  }
}
