package dev.tributary.nn;

import dev.tributary.nn.data.Dataset;
import java.util.Random;

/** Random parameters and data, the same for engines in float and in double. */
public final class Samples {
  private Samples() {}

  /** Normal with deviation 0.4. */
  public static float[] values(ModelSpec spec, long seed) {
    Random random = new Random(seed);
    float[] values = new float[spec.layout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rounded(0.4 * random.nextGaussian());
    }
    return values;
  }

  /** Features in [-1, 1); tokens where the first layer takes them; labels or targets that fit. */
  public static Dataset data(ModelSpec spec, int rows, long seed) {
    Random random = new Random(seed + 1);
    float[] features = features(spec, rows, random);
    if (spec.outputs() == 1) {
      float[] targets = new float[rows];
      for (int i = 0; i < rows; i++) {
        targets[i] =
            spec.loss() == Loss.BINARY_CROSSENTROPY
                ? random.nextInt(2)
                : rounded(random.nextGaussian());
      }
      return Dataset.regression(spec.inputShape(), features, targets);
    }
    int[] labels = random.ints(rows, 0, spec.classes()).toArray();
    return Dataset.of(spec.inputShape(), spec.classes(), features, labels);
  }

  /** Features in [-1, 1); tokens where the first layer takes them. */
  public static float[] features(ModelSpec spec, int rows, Random random) {
    float[] features = new float[rows * spec.inputs()];
    for (int i = 0; i < features.length; i++) {
      features[i] =
          spec.layers().get(0) instanceof Layer.Embedding embedding
              ? random.nextInt(embedding.inputDim())
              : rounded(2 * random.nextDouble() - 1);
    }
    return features;
  }

  /** A number that float and double hold alike. */
  private static float rounded(double value) {
    return (float) (Math.rint(value * 65536) / 65536);
  }
}
