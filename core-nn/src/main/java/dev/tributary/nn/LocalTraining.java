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
   * @param kept the {@link LocalTensors} as they are now; NaN throughout where numbers ran out of
   *     range
   * @param meanLoss mean over all examples of all steps, each before its step; 0 without examples
   * @param examples rows of the data set
   * @param steps optimizer steps
   * @param diverged empty, or where numbers ran out of range and ended the training: the step, from
   *     1, and the first layer whose output was not finite
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares results; the array is the point
  public record Result(
      float[] update,
      float[] kept,
      double meanLoss,
      int examples,
      int steps,
      Optional<String> diverged) {}

  /** As with {@link TrainingOptions#standard}. */
  public static Result train(
      Engine engine, ModelFile start, Dataset data, TrainingConfig config, long seed) {
    return train(engine, start, data, config, seed, TrainingOptions.standard());
  }

  /**
   * Trains on every row, {@code localEpochs} times. No rows: an update of zeros. Numbers that run
   * out of range end the training and give an update of NaN, and {@code diverged} says where: that
   * is data, so it is no exception, and whoever protects the update treats it as bad data and tells
   * nobody.
   *
   * @throws dev.tributary.nn.engine.EngineException if data and model do not fit, or the training
   *     does not fit the memory; before anything is allocated for it
   * @throws TrainingConfigException if the options do not fit the model. With {@link
   *     TrainingOptions#examples} also if a layer keeps statistics of batches, in which single
   *     examples would show, or if tensors stay with the client
   * @throws GradientCheckException if gradients are checked and one is wrong
   * @throws CancellationException if the thread is interrupted, before the next step, with {@code
   *     examples} before the next row; its mark stays set
   */
  public static Result train(
      Engine engine,
      ModelFile start,
      Dataset data,
      TrainingConfig config,
      long seed,
      TrainingOptions options) {
    ModelSpec spec = start.spec();
    int size = data.size();
    if (options.examples() != null) {
      checkExamples(spec, options);
    }
    if (size > 0) {
      Batch.check(spec, data);
      long bytes = bytes(engine, spec, config, size, options.examples() != null);
      options.checkMemory(bytes);
      options.listener().started(bytes, LocalSteps.steps(config, size));
    }
    LocalSteps steps = new LocalSteps(start, config, options, size);
    if (size == 0) {
      return result(steps, size, 0);
    }
    return options.examples() == null
        ? byBatches(engine, spec, data, config, seed, options, steps)
        : byExamples(engine, spec, data, config, seed, options, steps, options.examples());
  }

  /**
   * Bytes that a training holds beside its data and the model it starts from, to be known before
   * there is one: the arrays of the engine, a batch, parameters, gradient, what the optimizer
   * remembers, and the update.
   *
   * @param rows of the data
   * @throws dev.tributary.nn.engine.EngineException as {@link Engine#bytes}
   */
  public static long bytes(Engine engine, ModelSpec spec, TrainingConfig config, int rows) {
    return bytes(engine, spec, config, rows, false);
  }

  private static long bytes(
      Engine engine, ModelSpec spec, TrainingConfig config, int rows, boolean single) {
    int capacity = single ? 1 : capacity(config.batchSize(), rows);
    long length = spec.layout().size();
    long batch = (long) capacity * (spec.inputs() + spec.outputs() + 1L);
    long floats = 2 * length + config.optimizer().held(length) + 2L * spec.trainable().size();
    return engine.bytes(spec, capacity, Mode.wholeBatch()) + 4 * (batch + floats + rows);
  }

  private static Result byBatches(
      Engine engine,
      ModelSpec spec,
      Dataset data,
      TrainingConfig config,
      long seed,
      TrainingOptions options,
      LocalSteps steps) {
    int size = data.size();
    int capacity = capacity(config.batchSize(), size);
    SeededStream stream = new SeededStream(seed);
    SeededStream dropout = new SeededStream(~seed);
    int[] order = order(size);
    double lossSum = 0;
    long seen = 0;
    try (Program program = engine.acquire(spec, capacity, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, capacity);
      for (int epoch = 0; epoch < config.localEpochs(); epoch++) {
        stream.shuffle(order);
        Dataset rows = data.pass(epoch);
        for (int from = 0; from < size; from += batch.rows()) {
          checkInterrupt(steps.done());
          batch.fill(rows, order, from, Math.min(config.batchSize(), size - from));
          batch.seed(dropout.nextLong());
          double loss = program.gradient(steps.parameters(), batch, steps.gradient());
          lossSum += loss;
          if (!Double.isFinite(lossSum)) {
            return diverged(spec, steps, batch, size);
          }
          if (options.gradientCheck() && steps.done() == 0) {
            steps.check(program, batch, loss);
          }
          steps.take();
          seen += batch.rows();
          options.listener().stepped(steps.done(), steps.total(), lossSum / seen);
        }
      }
    }
    return result(steps, size, lossSum / ((double) size * config.localEpochs()));
  }

  private static void checkExamples(ModelSpec spec, TrainingOptions options) {
    if (!spec.statistics().isEmpty()) {
      throw new TrainingConfigException(
          spec.statistics().get(0).name()
              + " is a statistic of a batch, in which single examples show: take"
              + " group_normalization");
    }
    if (!options.kept().patterns().isEmpty()) {
      throw new TrainingConfigException(
          "tensors that stay with a client learn without noise, and what travels would tell of"
              + " them: single examples cannot be hidden so");
    }
  }

  private static Result byExamples(
      Engine engine,
      ModelSpec spec,
      Dataset data,
      TrainingConfig config,
      long seed,
      TrainingOptions options,
      LocalSteps steps,
      ExampleGradients examples) {
    int size = data.size();
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
          double loss = program.gradient(steps.parameters(), batch, steps.gradient());
          if (options.gradientCheck() && taken == 0 && Double.isFinite(loss)) {
            steps.check(program, batch, loss);
          }
          lossSum += loss;
          taken++;
          part.gather(steps.gradient(), gradient);
          sum.add(gradient);
        }
        checkInterrupt(steps.done());
        part.scatter(sum.release(expected), steps.gradient());
        steps.take();
        double meanLoss = taken == 0 ? 0 : lossSum / taken;
        options.listener().stepped(steps.done(), steps.total(), meanLoss);
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
        return diverged(steps, size, "step " + steps.done() + ": the parameters are not finite");
      }
    }
    return new Result(update, steps.kept(), meanLoss, size, steps.done(), Optional.empty());
  }

  private static Result diverged(ModelSpec spec, LocalSteps steps, Batch batch, int size) {
    String where =
        new JavaEngine()
            .firstNotFinite(spec, steps.parameters(), batch)
            .map(what -> what + ": not finite")
            .orElse("the loss is not finite");
    return diverged(steps, size, "step " + (steps.done() + 1) + ": " + where);
  }

  private static Result diverged(LocalSteps steps, int size, String where) {
    float[] update = steps.update();
    Arrays.fill(update, Float.NaN);
    float[] kept = steps.kept();
    Arrays.fill(kept, Float.NaN);
    return new Result(update, kept, Double.NaN, size, steps.done(), Optional.of(where));
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
