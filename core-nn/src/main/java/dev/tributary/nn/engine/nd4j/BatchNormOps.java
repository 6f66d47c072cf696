package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalization (Ioffe and Szegedy 2015, algorithm 1) over the rows that a batch has. Those
 * that it lacks are computed too, so sums over the batch are products with ones and zeros.
 */
final class BatchNormOps {
  private final Tape tape;
  private final Flow input;
  private final Flow output;
  private final int channels;
  private final int vectors;
  private final int weight;
  private final FloatArray normalized;
  private final FloatArray mean;
  private final FloatArray variance;
  private final FloatArray inverse;

  /** One for each vector of the rows that there are, then zeros. */
  private final FloatArray there;

  /** One over the number of these. */
  private final FloatArray share;

  BatchNormOps(Tape tape, Flow input, Flow output, int weight) {
    this.tape = tape;
    this.input = input;
    this.output = output;
    this.channels = input.shape[input.shape.length - 1];
    this.vectors = tape.batchSize * input.width() / channels;
    this.weight = weight;
    this.normalized = tape.array(tape.inAll(input.width()));
    this.mean = tape.array(channels);
    this.variance = tape.array(channels);
    this.inverse = tape.array(channels);
    this.there = tape.array(vectors);
    this.share = tape.array(1);
    tape.reserveOnes(vectors);
    tape.onHeap(vectors);
  }

  void record(Layer.BatchNormalization norm) {
    FloatArray small = tape.constant((float) norm.epsilon());
    tape.training(() -> counting());
    tape.training(() -> sumOfThose(input.values, mean));
    tape.training(() -> Operation.multiply(row(mean), row(mean), share.view(0, 1)));
    tape.evaluation(() -> Operation.copy(row(mean), parameter(2)));
    tape.forward(() -> Operation.subtract(rows(normalized), rows(input.values), row(mean)));
    tape.training(
        () -> Operation.multiply(rows(output.values), rows(normalized), rows(normalized)));
    tape.training(() -> sumOfThose(output.values, variance));
    tape.training(() -> Operation.multiply(row(variance), row(variance), share.view(0, 1)));
    // Noise on an update may have carried it below 0.
    tape.evaluation(() -> Operation.withNumber("relu", 0, row(variance), parameter(3)));
    tape.forward(() -> Operation.add(row(inverse), row(variance), small.view(0, 1)));
    tape.forward(() -> Operation.inverseRoot(row(inverse), row(inverse)));
    tape.forward(() -> Operation.multiply(rows(normalized), rows(normalized), row(inverse)));
    tape.forward(() -> Operation.multiply(rows(output.values), rows(normalized), parameter(0)));
    tape.forward(
        () ->
            Operation.addBias(
                rows(output.values),
                rows(output.values),
                tape.parameters.view(weight + channels, channels)));
    tape.backward(backward(1 - norm.momentum()));
  }

  /** Says which rows there are, where that has changed. */
  private Action counting() {
    float[] marks = new float[vectors];
    float[] one = new float[1];
    int perRow = vectors / tape.batchSize;
    int[] before = {-1};
    return pass -> {
      int rows = pass.batch().rows();
      if (rows != before[0]) {
        before[0] = rows;
        Arrays.fill(marks, 0, rows * perRow, 1f);
        Arrays.fill(marks, rows * perRow, vectors, 0f);
        there.put(0, marks, vectors);
        one[0] = 1f / (rows * perRow);
        share.put(0, one, 1);
      }
    };
  }

  /** dx = (dy - mean of dy - n mean of (n dy)) weight / deviation; for a statistic, its way. */
  private List<Supplier<Action>> backward(double pace) {
    FloatArray product = tape.scratch(0, tape.inAll(input.width()));
    FloatArray factor = tape.scratch(1, channels);
    FloatArray step = tape.constant((float) pace);
    List<Supplier<Action>> block = new ArrayList<>();
    block.add(() -> Operation.multiply(rows(product), rows(output.gradients), rows(normalized)));
    block.add(() -> DenseOps.sumOfRows(tape, rows(product), tape.gradients, weight));
    block.add(
        () -> DenseOps.sumOfRows(tape, rows(output.gradients), tape.gradients, weight + channels));
    if (input.differentiable) {
      block.add(() -> Operation.multiply(row(factor), gradient(0), share.view(0, 1)));
      block.add(() -> Operation.multiply(rows(product), rows(normalized), row(factor)));
      block.add(() -> Operation.subtract(rows(product), rows(output.gradients), rows(product)));
      block.add(() -> Operation.multiply(row(factor), gradient(1), share.view(0, 1)));
      block.add(() -> Operation.subtract(rows(product), rows(product), row(factor)));
      block.add(() -> Operation.multiply(row(factor), parameter(0), row(inverse)));
      block.add(() -> Operation.multiply(rows(product), rows(product), row(factor)));
      block.add(
          () ->
              Operation.multiply(rows(input.gradients), rows(product), there.view(0, vectors, 1)));
    }
    for (int i = 2; i < 4; i++) {
      int which = i;
      FloatArray next = i == 2 ? mean : variance;
      block.add(() -> Operation.subtract(gradient(which), parameter(which), row(next)));
      block.add(() -> Operation.multiply(gradient(which), gradient(which), step.view(0, 1)));
    }
    return block;
  }

  private Operation sumOfThose(FloatArray of, FloatArray into) {
    return Operation.matmul(there.view(0, 1, vectors), false, rows(of), false, row(into));
  }

  /** Weight (0), bias (1), mean (2) or variance (3). */
  private INDArray parameter(int which) {
    return tape.parameters.view(weight + which * channels, 1, channels);
  }

  private INDArray gradient(int which) {
    return tape.gradients.view(weight + which * channels, 1, channels);
  }

  private INDArray row(FloatArray of) {
    return of.view(0, 1, channels);
  }

  private INDArray rows(FloatArray of) {
    return of.view(0, vectors, channels);
  }
}
