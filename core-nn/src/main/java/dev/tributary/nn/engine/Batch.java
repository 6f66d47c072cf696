package dev.tributary.nn.engine;

import dev.tributary.nn.Layer;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.data.Dataset;
import java.util.Arrays;

/**
 * Rows gathered for one step, in arrays that are used again for the next. The model's rescaling is
 * done here, so that engines begin at the first dense layer.
 */
public final class Batch {
  private final int inputs;
  private final int outputs;
  private final boolean classes;
  private final float[] features;
  private final int[] labels;
  private final float[] targets;
  private final float scale;
  private final float offset;
  private final boolean rescaled;
  private int rows;

  /**
   * Room for batches of a model.
   *
   * @param capacity the most rows
   */
  public Batch(ModelSpec model, int capacity) {
    this.inputs = model.inputs();
    this.outputs = model.outputs();
    this.classes = model.loss() == Loss.SPARSE_CATEGORICAL_CROSSENTROPY || model.outputs() > 1;
    this.features = new float[Math.multiplyExact(capacity, inputs)];
    this.labels = new int[capacity];
    this.targets = new float[capacity];
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
      targets[i] = data.target(row);
      if (classes && (labels[i] < 0 || labels[i] >= outputs)) {
        throw new EngineException(
            "row " + row + " has label " + labels[i] + ", the model tells " + outputs + " apart");
      }
    }
    if (rescaled) {
      for (int i = 0; i < count * inputs; i++) {
        features[i] = Math.fma(scale, features[i], offset);
      }
    }
    rows = count;
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

  /** float32[capacity], valid for the first {@link #rows}. */
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
    if (model.outputs() > 1 && (data.classes() < 1 || data.classes() > model.outputs())) {
      throw new EngineException(
          "the model tells "
              + model.outputs()
              + " classes apart, the data has "
              + (data.classes() == 0 ? "numbers instead of classes" : data.classes() + ""));
    }
  }

  private static int[] withoutOnes(int[] shape) {
    return Arrays.stream(shape).filter(dimension -> dimension != 1).toArray();
  }
}
