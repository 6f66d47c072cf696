package dev.tributary.simulation.data;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Normalisation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What clients say of their numeric columns so that sums over all clients give everybody the mean
 * and deviation of each: how many values there are, their sum and the sum of their squares. Values
 * are clipped to the range that the job states for their column, which becomes [-1, 1].
 *
 * <p>Symbols: r rows of a client, R the most that it counts for, n clients, N clients that were
 * asked, x a value in [-1, 1].
 */
public final class ColumnSums {
  /** Numbers of a column. */
  private static final int EACH = 3;

  /** float32 keeps numbers of [-1, 1] to 2^-25; a variance is made of five of them. */
  private static final double FLOAT = 0x1p-20;

  private final boolean[] numeric;
  private final double[] centre;
  private final double[] half;
  private final int most;

  private ColumnSums(boolean[] numeric, double[] centre, double[] half, int most) {
    this.numeric = numeric;
    this.centre = centre;
    this.half = half;
    this.most = most;
  }

  /**
   * The sums of a table's numeric columns.
   *
   * @param columns the column of each feature
   * @param numeric which features are numeric
   * @param most R
   * @throws PartitionException for a numeric column without a range, and for a range of none
   */
  static ColumnSums of(List<String> columns, boolean[] numeric, List<Job.Range> ranges, int most) {
    Map<String, Job.Range> named = new HashMap<>();
    ranges.forEach(range -> named.put(range.column(), range));
    Job.Range others = named.remove("");
    double[] centre = new double[numeric.length];
    double[] half = new double[numeric.length];
    for (int j = 0; j < numeric.length; j++) {
      if (numeric[j]) {
        Job.Range own = named.remove(columns.get(j));
        Job.Range range = own == null ? others : own;
        if (range == null) {
          throw new PartitionException(
              "standardise: federated has no range for the numeric column '%s'. Add to ranges: {column: %s, from: 0, to: 100}, or one without a column for all others."
                  .formatted(columns.get(j), columns.get(j)));
        }
        centre[j] = (range.from() + range.to()) / 2;
        half[j] = (range.to() - range.from()) / 2;
      }
    }
    if (!named.isEmpty()) {
      throw new PartitionException(
          "standardise: federated has a range for '%s', which is no numeric column. Take it out, or name the column in numeric."
              .formatted(named.keySet().iterator().next()));
    }
    return new ColumnSums(numeric.clone(), centre, half, most);
  }

  /** Numeric columns. */
  public int columns() {
    int columns = 0;
    for (boolean each : numeric) {
      columns += each ? 1 : 0;
    }
    return columns;
  }

  /** Numbers that a client says: three a numeric column, each in [-1, 1]. */
  public int length() {
    return EACH * columns();
  }

  /**
   * A client's own: min(1, R / r) / R times the number of values of each numeric column, their sum
   * and the sum of their squares.
   *
   * @param rows missing values are NaN; no rows: zeros
   * @return float32[length]
   */
  public float[] of(Dataset rows) {
    double[] sums = new double[length()];
    float[] row = new float[numeric.length];
    for (int i = 0; i < rows.size(); i++) {
      rows.features(i, row, 0);
      int at = 0;
      for (int j = 0; j < numeric.length; j++) {
        if (!numeric[j]) {
          continue;
        }
        if (!Float.isNaN(row[j])) {
          double x = Math.max(-1, Math.min(1, (row[j] - centre[j]) / half[j]));
          sums[at]++;
          sums[at + 1] += x;
          sums[at + 2] += x * x;
        }
        at += EACH;
      }
    }
    float[] said = new float[sums.length];
    double scale = 1.0 / Math.max(rows.size(), most);
    for (int at = 0; at < said.length; at++) {
      said[at] = (float) (sums[at] * scale);
    }
    return said;
  }

  /**
   * What the sums say of all clients' values. A variance that the sums cannot tell from 0 is 0: the
   * column becomes 0, instead of the noise of the grid.
   *
   * @param sums of all that clients said, over N: float32[length]
   * @param error of one of them: what the grid may have added, in all but a negligible part of runs
   */
  public Normalisation normalisation(float[] sums, double error) {
    float[] mean = new float[numeric.length];
    float[] deviation = new float[numeric.length];
    int at = 0;
    for (int j = 0; j < numeric.length; j++) {
      if (!numeric[j]) {
        continue;
      }
      double values = sums[at];
      if (values > error) {
        double x = sums[at + 1] / values;
        double variance = sums[at + 2] / values - x * x;
        mean[j] = (float) (centre[j] + half[j] * x);
        deviation[j] =
            variance > varianceError(values, error) ? (float) (half[j] * Math.sqrt(variance)) : 0f;
      }
      at += EACH;
    }
    return Normalisation.of(mean, deviation, numeric);
  }

  /**
   * How far a variance of values in [-1, 1] may be off: (s2 + e) / (s0 - e) - ((s1 + e) / (s0 -
   * e))^2 is within 6 e / s0 of what it is without e, to first order, as |s1| and s2 are at most
   * s0.
   *
   * @param values s0, the part of all values that there may be
   * @param error e
   */
  static double varianceError(double values, double error) {
    return 6 * error / values + FLOAT;
  }

  /** Says how many columns, not whose. */
  @Override
  public String toString() {
    return "ColumnSums[" + columns() + " of " + numeric.length + " features, " + most + "]";
  }
}
