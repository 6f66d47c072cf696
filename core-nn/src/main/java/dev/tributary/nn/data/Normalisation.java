package dev.tributary.nn.data;

import java.util.Arrays;

/**
 * Mean and deviation of each feature, learned from one data set and applied to any other: what was
 * done to the training rows must be done to the rows of an evaluation or a question. A missing
 * value (NaN) is left out of the statistics and becomes the mean, so 0 after the change.
 *
 * <p>The numbers tell of the data that they were learned from: they stay where it is.
 */
public final class Normalisation {
  private final float[] mean;
  private final float[] deviation;
  private final boolean[] which;

  private Normalisation(float[] mean, float[] deviation, boolean[] which) {
    this.mean = mean;
    this.deviation = deviation;
    this.which = which;
  }

  /**
   * Learns: mean and population deviation in one pass (Welford 1962).
   *
   * @param data its features may be NaN where they are missing
   */
  public static Normalisation of(Dataset data) {
    boolean[] all = new boolean[data.featureLength()];
    Arrays.fill(all, true);
    return of(data, all);
  }

  /**
   * As {@link #of(Dataset)}, for some features; the others stay as they are.
   *
   * @param which boolean[features]
   */
  public static Normalisation of(Dataset data, boolean[] which) {
    int length = data.featureLength();
    if (which.length != length) {
      throw new IllegalArgumentException(length + " features, but " + which.length + " flags came");
    }
    double[] mean = new double[length];
    double[] squares = new double[length];
    long[] count = new long[length];
    float[] row = new float[length];
    for (int i = 0; i < data.size(); i++) {
      data.features(i, row, 0);
      for (int j = 0; j < length; j++) {
        if (!Float.isNaN(row[j])) {
          count[j]++;
          double difference = row[j] - mean[j];
          mean[j] += difference / count[j];
          squares[j] += difference * (row[j] - mean[j]);
        }
      }
    }
    float[] means = new float[length];
    float[] deviations = new float[length];
    for (int j = 0; j < length; j++) {
      means[j] = (float) mean[j];
      deviations[j] = count[j] == 0 ? 0 : (float) Math.sqrt(squares[j] / count[j]);
    }
    return new Normalisation(means, deviations, which.clone());
  }

  /**
   * Statistics that were learned elsewhere.
   *
   * @param mean float32[features]
   * @param deviation float32[features]; 0 for a feature that is to become 0
   * @param which boolean[features]; the others stay as they are
   */
  public static Normalisation of(float[] mean, float[] deviation, boolean[] which) {
    if (mean.length != which.length || deviation.length != which.length) {
      throw new IllegalArgumentException(
          "%d means, %d deviations and %d flags came"
              .formatted(mean.length, deviation.length, which.length));
    }
    return new Normalisation(mean.clone(), deviation.clone(), which.clone());
  }

  /** float32[features]; 0 where nothing but gaps was seen. */
  public float[] mean() {
    return mean.clone();
  }

  /** float32[features]; 0 for a feature that never changed. */
  public float[] deviation() {
    return deviation.clone();
  }

  /**
   * The rows with (x - mean) / deviation, as a view; a feature that never changed becomes 0.
   *
   * @throws IllegalArgumentException if they have another number of features
   */
  public Dataset apply(Dataset data) {
    if (data.featureLength() != mean.length) {
      throw new IllegalArgumentException(
          "learned from " + mean.length + " features, came " + data.featureLength());
    }
    return new Changed(data, this::apply) {
      @Override
      public void features(int row, float[] into, int offset) {
        data.features(row, into, offset);
        for (int j = 0; j < mean.length; j++) {
          float x = into[offset + j];
          if (!which[j]) {
            continue;
          }
          boolean plain = deviation[j] > 0 && !Float.isNaN(x);
          into[offset + j] = plain ? (x - mean[j]) / deviation[j] : 0f;
        }
      }
    };
  }

  /** Says how many features, not what they are. */
  @Override
  public String toString() {
    return "Normalisation[" + mean.length + " features]";
  }
}
