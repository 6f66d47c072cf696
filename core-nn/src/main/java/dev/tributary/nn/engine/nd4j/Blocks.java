package dev.tributary.nn.engine.nd4j;

import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Numbers [blocks, positions, channels] of which each group of channels of each block has a mean. A
 * single group is a row of a matrix, and its mean one number; of several groups the mean stands at
 * each channel, so that everything that is repeated is a whole row of channels: ND4J repeats
 * dimensions of a few numbers thirty times as slowly.
 */
final class Blocks {
  private final Tape tape;
  private final int count;
  private final int positions;
  private final int channels;
  private final boolean single;
  private final FloatArray share;
  private final FloatArray sums;

  Blocks(Tape tape, int perRow, int positions, int channels, int groups) {
    this.tape = tape;
    this.count = tape.batchSize * perRow;
    this.positions = positions;
    this.channels = channels;
    this.single = groups == 1;
    this.sums = tape.scratch(2, single ? 0 : tape.inAll(perRow * channels));
    if (single) {
      this.share = tape.constant(1f / (positions * channels));
      tape.reserveOnes((long) positions * channels);
    } else {
      tape.reserveOnes((long) count * positions);
      this.share = tape.constant(sameGroup(channels, channels / groups, positions));
    }
  }

  /** [channels, channels]: one over the numbers of a group where both are of the same. */
  private static float[] sameGroup(int channels, int size, int positions) {
    float[] share = new float[channels * channels];
    for (int i = 0; i < share.length; i++) {
      share[i] = i / channels / size == i % channels / size ? 1f / (size * positions) : 0f;
    }
    return share;
  }

  /** An array for means. */
  FloatArray means() {
    return tape.array(single ? count : (long) count * channels);
  }

  /** All numbers, so that {@link #mean} repeats along them. */
  INDArray numbers(FloatArray of) {
    return single
        ? of.view(0, count, (long) positions * channels)
        : positions == 1 ? of.view(0, count, channels) : of.view(0, count, positions, channels);
  }

  /** All means, to be used with {@link #numbers}. */
  INDArray mean(FloatArray of) {
    return single
        ? of.view(0, count, 1)
        : positions == 1 ? of.view(0, count, channels) : of.view(0, count, 1, channels);
  }

  /** Records how the means are made. */
  void record(List<Supplier<Action>> actions, FloatArray from, FloatArray means) {
    if (single) {
      long size = (long) positions * channels;
      actions.add(
          () ->
              Operation.matmul(
                  from.view(0, count, size), false, tape.ones(size, 1), false, mean(means)));
      actions.add(() -> Operation.multiply(mean(means), mean(means), share.view(0, 1)));
      return;
    }
    FloatArray perChannel = positions == 1 ? from : sums;
    if (positions > 1) {
      actions.add(
          () ->
              Operation.matmul(
                  tape.ones(count, 1, positions),
                  false,
                  from.view(0, count, positions, channels),
                  false,
                  sums.view(0, count, 1, channels)));
    }
    actions.add(
        () ->
            Operation.matmul(
                perChannel.view(0, count, channels),
                false,
                share.view(0, channels, channels),
                false,
                means.view(0, count, channels)));
  }
}
