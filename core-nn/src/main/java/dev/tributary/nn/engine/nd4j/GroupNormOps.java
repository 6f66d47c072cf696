package dev.tributary.nn.engine.nd4j;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Group normalization (Wu and He 2018, section 3), and layer normalization as blocks of one
 * position and one group: n = (x - mean) / deviation and y = n weight + bias.
 */
final class GroupNormOps {
  private final Tape tape;
  private final Flow input;
  private final Flow output;
  private final Blocks blocks;
  private final int vectors;
  private final int channels;
  private final int weight;
  private final FloatArray normalized;
  private final FloatArray inverse;

  /**
   * Of a layer.
   *
   * @param perRow blocks of an example
   */
  GroupNormOps(
      Tape tape, Flow input, Flow output, int perRow, int positions, int groups, int weight) {
    this.tape = tape;
    this.input = input;
    this.output = output;
    this.channels = input.shape[input.shape.length - 1];
    this.blocks = new Blocks(tape, perRow, positions, channels, groups);
    this.vectors = tape.batchSize * perRow * positions;
    this.weight = weight;
    this.normalized = tape.array(tape.inAll(input.width()));
    this.inverse = blocks.means();
    tape.reserveOnes(vectors);
  }

  void record(double epsilon) {
    FloatArray small = tape.constant((float) epsilon);
    List<Supplier<Action>> actions = new ArrayList<>();
    blocks.record(actions, input.values, inverse);
    actions.add(() -> Operation.subtract(all(normalized), all(input.values), blocks.mean(inverse)));
    actions.add(() -> Operation.multiply(all(output.values), all(normalized), all(normalized)));
    blocks.record(actions, output.values, inverse);
    actions.add(() -> Operation.add(blocks.mean(inverse), blocks.mean(inverse), small.view(0, 1)));
    actions.add(() -> Operation.inverseRoot(blocks.mean(inverse), blocks.mean(inverse)));
    actions.add(() -> Operation.multiply(all(normalized), all(normalized), blocks.mean(inverse)));
    actions.add(
        () ->
            Operation.multiply(
                rows(output.values), rows(normalized), tape.parameters.view(weight, channels)));
    actions.add(
        () ->
            Operation.addBias(
                rows(output.values),
                rows(output.values),
                tape.parameters.view(weight + channels, channels)));
    actions.forEach(tape::forward);
    tape.backward(backward());
  }

  /** dx = (dn - mean of dn - n mean of (n dn)) / deviation with dn = dy weight. */
  private List<Supplier<Action>> backward() {
    FloatArray product = tape.scratch(0, tape.inAll(input.width()));
    List<Supplier<Action>> block = new ArrayList<>();
    block.add(() -> Operation.multiply(rows(product), rows(output.gradients), rows(normalized)));
    block.add(() -> DenseOps.sumOfRows(tape, rows(product), tape.gradients, weight));
    block.add(
        () -> DenseOps.sumOfRows(tape, rows(output.gradients), tape.gradients, weight + channels));
    if (!input.differentiable) {
      return block;
    }
    FloatArray mean = blocks.means();
    FloatArray dot = blocks.means();
    FloatArray dn = input.gradients;
    block.add(
        () ->
            Operation.multiply(
                rows(dn), rows(output.gradients), tape.parameters.view(weight, channels)));
    block.add(() -> Operation.multiply(all(product), all(dn), all(normalized)));
    blocks.record(block, product, dot);
    blocks.record(block, dn, mean);
    block.add(() -> Operation.multiply(all(product), all(normalized), blocks.mean(dot)));
    block.add(() -> Operation.subtract(all(dn), all(dn), all(product)));
    block.add(() -> Operation.subtract(all(dn), all(dn), blocks.mean(mean)));
    block.add(() -> Operation.multiply(all(dn), all(dn), blocks.mean(inverse)));
    return block;
  }

  private INDArray all(FloatArray of) {
    return blocks.numbers(of);
  }

  private INDArray rows(FloatArray of) {
    return of.view(0, vectors, channels);
  }
}
