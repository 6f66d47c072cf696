package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import java.util.List;
import java.util.Random;

/** Models and data that several tests use. */
public final class Models {
  private Models() {}

  /** Every activation and loss; widths below, at and above the width of vectors. */
  public static List<ModelSpec> variety() {
    return List.of(
        ModelSpec.builder(4, 3, 1).flatten().dense(10, Activation.SOFTMAX).build(),
        ModelSpec.builder(5).dense(2, Activation.SOFTMAX).build(),
        ModelSpec.builder(7).dense(17, Activation.RELU).dense(3, Activation.SOFTMAX).build(),
        ModelSpec.builder(6)
            .rescaling(1.5, -0.3)
            .dense(16, Activation.TANH)
            .dense(9, Activation.SIGMOID)
            .dense(33, Activation.RELU)
            .dense(4, Activation.SOFTMAX)
            .build(),
        ModelSpec.builder(8)
            .dense(20, Activation.LINEAR)
            .dense(5, Activation.SIGMOID)
            .loss(Loss.SQUARED_ERROR)
            .build(),
        ModelSpec.builder(9)
            .dense(8, Activation.TANH)
            .dense(1, Activation.LINEAR)
            .loss(Loss.SQUARED_ERROR)
            .build());
  }

  /** A classifier or regressor of two layers. */
  public static ModelSpec mlp(int inputs, int hidden, int classes) {
    return ModelSpec.builder(inputs)
        .dense(hidden, Activation.RELU)
        .dense(classes, Activation.SOFTMAX)
        .build();
  }

  /** Random features in [-1, 1) and labels or targets that fit the model. */
  public static Dataset noise(ModelSpec spec, int rows, long seed) {
    Random random = new Random(seed);
    float[] features = new float[rows * spec.inputs()];
    for (int i = 0; i < features.length; i++) {
      features[i] = 2 * random.nextFloat() - 1;
    }
    if (spec.outputs() == 1) {
      float[] targets = new float[rows];
      for (int i = 0; i < rows; i++) {
        targets[i] = random.nextFloat();
      }
      return Dataset.regression(spec.inputShape(), features, targets);
    }
    int[] labels = random.ints(rows, 0, spec.outputs()).toArray();
    return Dataset.of(spec.inputShape(), spec.outputs(), features, labels);
  }

  /** One cluster per class around its own corner, unit spread {@code spread}. */
  public static Dataset clusters(int inputs, int classes, int rows, double spread, long seed) {
    Random random = new Random(seed);
    float[] features = new float[rows * inputs];
    int[] labels = new int[rows];
    for (int row = 0; row < rows; row++) {
      labels[row] = row % classes;
      for (int i = 0; i < inputs; i++) {
        double centre = i % classes == labels[row] ? 1 : 0;
        features[row * inputs + i] = (float) (centre + spread * random.nextGaussian());
      }
    }
    return Dataset.of(new int[] {inputs}, classes, features, labels);
  }

  /** Start values without zeros, so that no layer is dead. */
  public static float[] values(ModelSpec spec, long seed) {
    Random random = new Random(seed);
    float[] values = new float[spec.layout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.4 * random.nextGaussian());
    }
    return values;
  }

  /** {@code 0 .. size - 1}. */
  public static int[] order(int size) {
    return LocalTraining.order(size);
  }
}
