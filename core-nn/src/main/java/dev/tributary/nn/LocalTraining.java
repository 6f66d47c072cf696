package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.Arrays;
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
    LocalSteps steps = new LocalSteps(start, config, size);
    SeededStream stream = new SeededStream(seed);
    SeededStream dropout = new SeededStream(~seed);
    int[] order = order(size);
    double lossSum = 0;
    try (Program program = engine.acquire(spec, capacity, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, capacity);
      for (int epoch = 0; epoch < config.localEpochs(); epoch++) {
        stream.shuffle(order);
        Dataset rows = data.pass(epoch);
        for (int from = 0; from < size; from += batch.rows()) {
          checkInterrupt(steps.done());
          batch.fill(rows, order, from, Math.min(config.batchSize(), size - from));
          batch.seed(dropout.nextLong());
          lossSum += program.gradient(steps.parameters(), batch, steps.gradient());
          if (!Double.isFinite(lossSum)) {
            return diverged(spec, steps.parameters(), batch, size, steps.done());
          }
          steps.take();
        }
      }
    }
    return result(steps, size, lossSum / ((double) size * config.localEpochs()));
  }

  /**
   * As {@link #train(Engine, ModelFile, Dataset, TrainingConfig, long)}, with every step's gradient
   * made by {@code examples}: each of the {@code ceil(rows / batchSize)} steps of an epoch takes
   * each row with probability {@code min(1, batchSize / rows)}, and an empty one is taken too. The
   * gradient of a row is made by itself, so that nothing of another row is in it, at the cost of a
   * pass through the model for each. Everything behind the sum (clipping of the step, method,
   * optimizer) works on what is released. A row whose loss is not finite ends nothing: that would
   * tell of it.
   *
   * @return {@code meanLoss} is of the rows that were taken, and covered by no noise
   * @throws TrainingConfigException if a layer keeps statistics of batches, in which single
   *     examples would show
   * @throws CancellationException if the thread is interrupted, between two rows
   */
  public static Result train(
      Engine engine,
      ModelFile start,
      Dataset data,
      TrainingConfig config,
      long seed,
      ExampleGradients examples) {
    ModelSpec spec = start.spec();
    if (!spec.statistics().isEmpty()) {
      throw new TrainingConfigException(
          spec.statistics().get(0).name()
              + " is a statistic of a batch, in which single examples show: take"
              + " group_normalization");
    }
    int size = data.size();
    if (size == 0) {
      return new Result(new float[spec.trainable().size()], 0, 0, 0, Optional.empty());
    }
    Batch.check(spec, data);
    LocalSteps steps = new LocalSteps(start, config, size);
    SeededStream dropout = new SeededStream(~seed);
    Trainable part = spec.trainable();
    float[] gradient = new float[part.size()];
    double expected = Math.min(config.batchSize(), size);
    double lossSum = 0;
    long taken = 0;
    try (Program program = engine.acquire(spec, 1, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, 1);
      int[] order = new int[1];
      while (steps.done() < steps.total()) {
        Dataset rows = data.pass((int) (steps.done() / (steps.total() / config.localEpochs())));
        ExampleGradients.Sum sum = examples.open(gradient.length);
        for (int row : examples.sample(size, expected / size)) {
          checkInterrupt(steps.done());
          order[0] = row;
          batch.fill(rows, order, 0, 1);
          batch.seed(dropout.nextLong());
          lossSum += program.gradient(steps.parameters(), batch, steps.gradient());
          taken++;
          part.gather(steps.gradient(), gradient);
          sum.add(gradient);
        }
        checkInterrupt(steps.done());
        part.scatter(sum.release(expected), steps.gradient());
        steps.take();
      }
    }
    return result(steps, size, taken == 0 ? 0 : lossSum / taken);
  }

  private static void checkInterrupt(int steps) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("training was interrupted after " + steps + " steps");
    }
  }

  private static Result result(LocalSteps steps, int size, double meanLoss) {
    float[] update = steps.update();
    for (float value : update) {
      if (!Float.isFinite(value)) {
        String where = "step " + steps.done() + ": the parameters are not finite";
        return diverged(update.length, size, steps.done(), where);
      }
    }
    return new Result(update, meanLoss, size, steps.done(), Optional.empty());
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
