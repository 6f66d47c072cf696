package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import java.nio.file.Path;

/**
 * A saved model and the engine that answers for it. Any number of threads may ask at once: each
 * call takes a program of its own from the engine's pool and gives it back.
 */
public final class Model {
  private static final int BATCH_SIZE = 256;

  private final ModelFile file;
  private final Engine engine;

  private Model(ModelFile file, Engine engine) {
    this.file = file;
    this.engine = engine;
  }

  /** A model on the engine given. */
  public static Model of(ModelFile file, Engine engine) {
    return new Model(file, engine);
  }

  /**
   * Reads a model file, for the engine that suits it best.
   *
   * @throws ModelFileException if it cannot be read or is no model
   */
  public static Model read(Path path) {
    ModelFile file = ModelFile.read(path);
    return new Model(file, Engines.best(file.spec()));
  }

  public ModelSpec spec() {
    return file.spec();
  }

  /**
   * The outputs for every row, in order; of a model with an output for each position of a sequence,
   * a line for every position. What the data says of labels or targets is not looked at.
   *
   * @throws dev.tributary.nn.engine.EngineException if the rows have another shape than the model
   *     takes, or the outputs would not fit an array
   */
  public Predictions predict(Dataset data) {
    ModelSpec spec = file.spec();
    Dataset questions = new Questions(data, spec.classes());
    Batch.check(spec, questions);
    int size = data.size();
    int width = spec.outputs();
    if ((long) size * width > Integer.MAX_VALUE - 8) {
      throw new EngineException(
          size + " rows of " + width + " outputs do not fit an array: ask for fewer at a time");
    }
    float[] all = new float[size * width];
    if (size == 0) {
      return Predictions.owned(spec.classes(), all);
    }
    int capacity = LocalTraining.capacity(BATCH_SIZE, size);
    int[] order = LocalTraining.order(size);
    try (Program program = engine.acquire(spec, capacity, Mode.wholeBatch())) {
      Batch batch = new Batch(spec, capacity);
      float[] outputs = new float[capacity * width];
      for (int from = 0; from < size; from += batch.rows()) {
        batch.fill(questions, order, from, Math.min(capacity, size - from));
        program.forward(file.shared(), batch, outputs);
        System.arraycopy(outputs, 0, all, from * width, batch.rows() * width);
      }
    }
    return Predictions.owned(spec.classes(), all);
  }

  /**
   * The outputs for examples in an array.
   *
   * @param features float32[rows * spec().inputs()], row-major
   * @throws IllegalArgumentException if the length is no multiple of an example's
   */
  public Predictions predict(float... features) {
    ModelSpec spec = file.spec();
    int rows = features.length / spec.inputs();
    return predict(Dataset.of(spec.inputShape(), 1, features, new int[rows]));
  }

  /** Rows as another data set has them, without its labels. */
  private record Questions(Dataset data, int classes) implements Dataset {
    @Override
    public int size() {
      return data.size();
    }

    @Override
    public int[] featureShape() {
      return data.featureShape();
    }

    @Override
    public void features(int row, float[] into, int offset) {
      data.features(row, into, offset);
    }

    @Override
    public int label(int row) {
      return 0;
    }
  }
}
