package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * The training loop of a client: epochs over shuffled batches. Deterministic for (engine, model,
 * data, config, seed); with the {@code java} engine to the bit on every machine.
 */
public final class LocalTraining {
  private LocalTraining() {}

  /**
   * What a client has learned.
   *
   * @param update trained - start of what is trainable, float32[{@link Trainable#size}]
   * @param meanLoss mean over all examples of all steps, each before its step; 0 without examples
   * @param examples rows of the data set
   * @param steps optimizer steps
   * @param diverged empty, or where numbers ran out of range and ended the training: the step, from
   *     1, and the first layer whose output was not finite
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares results; the array is the point
  public record Result(
      float[] update, double meanLoss, int examples, int steps, Optional<String> diverged) {}

  /**
   * Trains on every row, {@code localEpochs} times. No rows: an update of zeros. Numbers that run
   * out of range end the training and give an update of NaN, and {@code diverged} says where: that
   * is data, so it is no exception, and whoever protects the update treats it as bad data and tells
   * nobody.
   *
   * @throws dev.tributary.nn.engine.EngineException if data and model do not fit
   * @throws CancellationException if the thread is interrupted; its mark stays set
   */
  public static Result train(
      Engine engine, ModelFile start, Dataset data, TrainingConfig config, long seed) {
    ModelSpec spec = start.spec();
    int size = data.size();
    if (size == 0) {
      return new Result(new float[spec.trainable().size()], 0, 0, 0, Optional.empty());
    }
    Batch.check(spec, data);
    int capacity = capacity(config.batchSize(), size);
    float[] parameters = start.parameters();
    float[] gradient = new float[parameters.length];
    Optimizer optimizer = config.optimizer().create(parameters.length);
    SeededStream stream = new SeededStream(seed);
    SeededStream dropout = new SeededStream(~seed);
    int[] order = order(size);
    double lossSum = 0;
    int steps = 0;
    Trainable part = spec.trainable();
    List<Layout.Tensor> statistics =
        spec.statistics().stream().filter(tensor -> part.has(tensor.name())).toList();
    List<int[]> runs = part.runsWithout(statistics);
    long total = (long) config.localEpochs() * ((size - 1) / config.batchSize() + 1);
    try (Program program = engine.acquire(spec, capacity, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, capacity);
      for (int epoch = 0; epoch < config.localEpochs(); epoch++) {
        stream.shuffle(order);
        Dataset rows = data.pass(epoch);
        for (int from = 0; from < size; from += batch.rows()) {
          if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("training was interrupted after " + steps + " steps");
          }
          batch.fill(rows, order, from, Math.min(config.batchSize(), size - from));
          batch.seed(dropout.nextLong());
          lossSum += program.gradient(parameters, batch, gradient);
          if (!Double.isFinite(lossSum)) {
            return diverged(spec, parameters, batch, size, steps);
          }
          follow(statistics, gradient, parameters);
          part.keep(gradient);
          clip(gradient, config.clipNorm());
          config.method().correct(gradient, parameters, start.shared());
          double factor = config.schedule().factor(steps, total);
          for (int[] run : runs) {
            optimizer.step(parameters, gradient, run[0], run[1], factor);
          }
          optimizer.endStep();
          steps++;
        }
      }
    }
    if (!isFinite(parameters)) {
      return diverged(
          part.size(), size, steps, "step " + steps + ": the parameters are not finite");
    }
    float[] update = part.gather(parameters);
    float[] from = part.gather(start.shared());
    for (int i = 0; i < update.length; i++) {
      update[i] -= from[i];
    }
    return new Result(
        update, lossSum / ((double) size * config.localEpochs()), size, steps, Optional.empty());
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static Result diverged(
      ModelSpec spec, float[] parameters, Batch batch, int size, int steps) {
    String where =
        new JavaEngine()
            .firstNotFinite(spec, parameters, batch)
            .map(what -> what + ": not finite")
            .orElse("the loss is not finite");
    return diverged(spec.trainable().size(), size, steps, "step " + (steps + 1) + ": " + where);
  }

  private static Result diverged(int length, int size, int steps, String where) {
    float[] update = new float[length];
    Arrays.fill(update, Float.NaN);
    return new Result(update, Double.NaN, size, steps, Optional.of(where));
  }

  /** Moves statistics by what the batch says, and takes them out of the gradient. */
  private static void follow(List<Layout.Tensor> statistics, float[] gradient, float[] parameters) {
    for (Layout.Tensor tensor : statistics) {
      for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
        parameters[i] -= gradient[i];
        gradient[i] = 0f;
      }
    }
  }

  /** Scales a gradient whose L2 norm is above {@code norm} down to it. */
  private static void clip(float[] gradient, double norm) {
    if (norm == Double.POSITIVE_INFINITY) {
      return;
    }
    double square = 0;
    for (float value : gradient) {
      square += (double) value * value;
    }
    double length = Math.sqrt(square);
    if (length > norm) {
      float factor = (float) (norm / length);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= factor;
      }
    }
  }

  static int[] order(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    return order;
  }

  /**
   * Rows to compile for: the next power of two above what is needed, so that clients of all sizes
   * share a handful of programs, but never more than a full batch.
   */
  static int capacity(int batchSize, int size) {
    int needed = Math.min(batchSize, size);
    int rounded = needed <= 1 ? 1 : Integer.highestOneBit(needed - 1) << 1;
    return rounded <= 0 ? needed : Math.min(batchSize, rounded);
  }
}
