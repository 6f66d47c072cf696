package dev.tributary.simulation.soak;

import java.util.List;
import java.util.Locale;

/**
 * The line of least squares through samples of a process.
 *
 * @param slope per round
 * @param error standard error of the slope, of independent residuals
 * @param last the last sample
 */
record Trend(double slope, double error, double last) {
  /** Both sides of this many standard errors hold 99.7 % where there are many samples. */
  private static final double ERRORS = 3;

  /**
   * The trend of at least three samples.
   *
   * @param rounds at which they were taken
   */
  static Trend of(List<Integer> rounds, List<Double> values) {
    int n = rounds.size();
    double meanRound = rounds.stream().mapToInt(Integer::intValue).average().orElseThrow();
    double meanValue = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double xx = 0;
    double xy = 0;
    for (int i = 0; i < n; i++) {
      double x = rounds.get(i) - meanRound;
      xx += x * x;
      xy += x * (values.get(i) - meanValue);
    }
    double slope = xy / xx;
    double residuals = 0;
    for (int i = 0; i < n; i++) {
      double off = values.get(i) - meanValue - slope * (rounds.get(i) - meanRound);
      residuals += off * off;
    }
    return new Trend(slope, Math.sqrt(residuals / (n - 2) / xx), values.get(n - 1));
  }

  /** The smallest growth per round that the samples go with. */
  double atLeast() {
    return slope - ERRORS * error;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%,.4f ± %,.4f a round, %,.0f at the end", slope, ERRORS * error, last);
  }
}
