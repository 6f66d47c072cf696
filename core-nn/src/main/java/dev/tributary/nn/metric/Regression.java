package dev.tributary.nn.metric;

/** Measures of predicted numbers. */
public final class Regression {
  private Regression() {}

  /** Root of the mean squared error, in the unit of the targets; NaN without rows. */
  public static double rmse(float[] predictions, float[] targets) {
    return Math.sqrt(squares(predictions, targets) / targets.length);
  }

  /** Mean absolute error, in the unit of the targets; NaN without rows. */
  public static double mae(float[] predictions, float[] targets) {
    Checks.sameLength("predictions", predictions.length, targets.length);
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      sum += Math.abs((double) predictions[i] - targets[i]);
    }
    return sum / targets.length;
  }

  /**
   * Coefficient of determination: 1 - sum (y - p)^2 / sum (y - mean y)^2 (Draper and Smith, Applied
   * Regression Analysis, section 1.3). 1 is perfect, 0 as good as the mean, below it worse.
   *
   * @return NaN if the targets are all equal, for then it is not defined
   */
  public static double r2(float[] predictions, float[] targets) {
    double residual = squares(predictions, targets);
    double mean = 0;
    for (float target : targets) {
      mean += target;
    }
    mean /= targets.length;
    double total = 0;
    for (float target : targets) {
      total += (target - mean) * (target - mean);
    }
    return total == 0 ? Double.NaN : 1 - residual / total;
  }

  private static double squares(float[] predictions, float[] targets) {
    Checks.sameLength("predictions", predictions.length, targets.length);
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      double difference = (double) predictions[i] - targets[i];
      sum += difference * difference;
    }
    return sum;
  }
}
