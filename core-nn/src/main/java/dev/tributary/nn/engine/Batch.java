package dev.tributary.nn.engine;

import dev.tributary.nn.Layer;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.data.Dataset;
import java.util.Arrays;

/**
 * Rows gathered for one step, in arrays that are used again for the next. The model's rescaling is
 * done here, so that engines begin at the first layer that computes.
 */
public final class Batch {
  private final int inputs;
  private final int outputs;
  private final int classes;
  private final boolean labelled;
  private final boolean targeted;
  private final float[] features;
  private final int[] labels;
  private final float[] targets;
  private final float scale;
  private final float offset;
  private final boolean rescaled;
  private int rows;
  private long seed;

  /**
   * Room for batches of a model.
   *
   * @param capacity the most rows
   */
  public Batch(ModelSpec model, int capacity) {
    this.inputs = model.inputs();
    this.outputs = model.outputs();
    this.classes = model.classes();
    this.labelled = model.loss().isCategorical() || model.outputs() > 1;
    this.features = new float[Math.multiplyExact(capacity, inputs)];
    this.labels = new int[capacity];
    this.targeted = !model.loss().isCategorical() || model.loss() == Loss.CATEGORICAL_CROSSENTROPY;
    this.targets = new float[targeted ? Math.multiplyExact(capacity, outputs) : 0];
    double scale = 1;
    double offset = 0;
    for (Layer layer : model.layers()) {
      if (layer instanceof Layer.Rescaling rescaling) {
        scale = rescaling.scale() * scale;
        offset = rescaling.scale() * offset + rescaling.offset();
      }
    }
    this.scale = (float) scale;
    this.offset = (float) offset;
    this.rescaled = scale != 1 || offset != 0;
  }

  /**
   * Gathers and rescales {@code order[from, from + count)} of a data set.
   *
   * @throws EngineException if its rows do not fit the model, or a label is not one of its outputs
   */
  public void fill(Dataset data, int[] order, int from, int count) {
    for (int i = 0; i < count; i++) {
      int row = order[from + i];
      data.features(row, features, i * inputs);
      labels[i] = data.label(row);
      if (labelled && (labels[i] < 0 || labels[i] >= classes)) {
        throw new EngineException(
            "row " + row + " has label " + labels[i] + ", the model tells " + classes + " apart");
      }
      if (targeted) {
        data.targets(row, targets, i * outputs, outputs);
      }
    }
    if (rescaled) {
      for (int i = 0; i < count * inputs; i++) {
        features[i] = Math.fma(scale, features[i], offset);
      }
    }
    rows = count;
  }

  /** What dropout draws from in this step. */
  public long seed() {
    return seed;
  }

  /** Sets {@link #seed}; 0 until then. */
  public void seed(long seed) {
    this.seed = seed;
  }

  /** The rows that count. */
  public int rows() {
    return rows;
  }

  /** float32[capacity * inputs], row-major, valid for the first {@link #rows}. */
  public float[] features() {
    return features;
  }

  /** int[capacity], valid for the first {@link #rows}. */
  public int[] labels() {
    return labels;
  }

  /**
   * float32[capacity * outputs], valid for the first {@link #rows}; empty for losses that look at
   * labels alone.
   */
  public float[] targets() {
    return targets;
  }

  /**
   * Refuses a data set that does not fit a model.
   *
   * @throws EngineException that names both shapes, or both numbers of classes
   */
  public static void check(ModelSpec model, Dataset data) {
    if (!Arrays.equals(withoutOnes(model.inputShape()), withoutOnes(data.featureShape()))) {
      throw new EngineException(
          "the model takes examples of shape "
              + Arrays.toString(model.inputShape())
              + ", the data has "
              + Arrays.toString(data.featureShape()));
    }
    if (model.outputs() > 1 && (data.classes() < 1 || data.classes() > model.classes())) {
      throw new EngineException(
          "the model tells "
              + model.classes()
              + " classes apart, the data has "
              + (data.classes() == 0 ? "numbers instead of classes" : data.classes() + ""));
    }
  }

  private static int[] withoutOnes(int[] shape) {
    return Arrays.stream(shape).filter(dimension -> dimension != 1).toArray();
  }
}
