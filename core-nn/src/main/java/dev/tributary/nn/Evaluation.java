package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;

/** Loss and accuracy of a model on a data set. */
public final class Evaluation {
  private static final int BATCH_SIZE = 256;

  private Evaluation() {}

  /**
   * Looks at every row once. With several outputs the greatest is the answer; with one output and
   * classes, the nearest whole number; without classes there is no accuracy. Of a sequence the last
   * position is the one that counts: its answer is the token behind it.
   *
   * @throws dev.tributary.nn.engine.EngineException if data and model do not fit
   */
  public static Metrics evaluate(Engine engine, ModelFile model, Dataset data) {
    int size = data.size();
    if (size == 0) {
      return Metrics.NONE;
    }
    ModelSpec spec = model.spec();
    Batch.check(spec, data);
    int capacity = LocalTraining.capacity(BATCH_SIZE, size);
    int[] order = LocalTraining.order(size);
    double lossSum = 0;
    long correct = 0;
    try (Program program = engine.acquire(spec, capacity, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, capacity);
      float[] outputs = new float[capacity * spec.outputs()];
      for (int from = 0; from < size; from += batch.rows()) {
        batch.fill(data, order, from, Math.min(capacity, size - from));
        lossSum += program.forward(model.shared(), batch, outputs);
        for (int row = 0; row < batch.rows(); row++) {
          int at = (row + 1) * spec.outputs() - spec.classes();
          correct += correct(spec.classes(), outputs, at, batch.labels()[row]) ? 1 : 0;
        }
      }
    }
    return new Metrics(size, lossSum, data.classes() > 0 ? correct : -1);
  }

  private static boolean correct(int width, float[] outputs, int at, int label) {
    if (width == 1) {
      return Math.abs(outputs[at] - label) < 0.5f;
    }
    float answer = outputs[at + label];
    for (int j = 0; j < width; j++) {
      float other = outputs[at + j];
      // Of equal outputs the first is the answer; a NaN anywhere makes the row wrong.
      if (!(other < answer || (other == answer && j >= label))) {
        return false;
      }
    }
    return true;
  }
}
