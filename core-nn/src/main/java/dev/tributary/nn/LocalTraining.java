package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
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
   * @param update trained - start, float32[d]
   * @param meanLoss mean over all examples of all steps, each before its step; 0 without examples
   * @param examples rows of the data set
   * @param steps optimizer steps
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares results; the array is the point
  public record Result(float[] update, double meanLoss, int examples, int steps) {}

  /**
   * Trains on every row, {@code localEpochs} times. No rows: an update of zeros. Numbers that run
   * out of range give an update with NaN or infinite values, never a hang.
   *
   * @throws dev.tributary.nn.engine.EngineException if data and model do not fit
   * @throws CancellationException if the thread is interrupted; its mark stays set
   */
  public static Result train(
      Engine engine, ModelFile start, Dataset data, TrainingConfig config, long seed) {
    ModelSpec spec = start.spec();
    int size = data.size();
    if (size == 0) {
      return new Result(new float[spec.layout().size()], 0, 0, 0);
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
          config.method().correct(gradient, parameters, start.shared());
          optimizer.step(parameters, gradient, 0, parameters.length, 1);
          optimizer.endStep();
          steps++;
        }
      }
    }
    float[] update = parameters;
    float[] from = start.shared();
    for (int i = 0; i < update.length; i++) {
      update[i] -= from[i];
    }
    return new Result(update, lossSum / ((double) size * config.localEpochs()), size, steps);
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
