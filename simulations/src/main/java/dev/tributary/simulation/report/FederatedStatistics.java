package dev.tributary.simulation.report;

import dev.tributary.coordinator.round.RoundReport;

/**
 * The round in which clients learned how to standardise their columns, before the first of the job:
 * of it nothing is known but a sum.
 *
 * @param columns numeric ones, of which each has a mean and a deviation now
 * @param survivors clients in the sum
 * @param dropouts clients that were asked and are not in it
 */
public record FederatedStatistics(int columns, int survivors, int dropouts) {
  /** Of the round's own report. */
  public static FederatedStatistics of(int columns, RoundReport report) {
    return new FederatedStatistics(
        columns, report.survivors(), report.cohort() - report.survivors());
  }

  /** What was learned and from whom, in words. */
  public String words() {
    return Html.format(
        "mean and deviation of %d numeric %s, from a sum over %s of %s clients",
        columns,
        columns == 1 ? "column" : "columns",
        Html.count(survivors),
        Html.count(survivors + dropouts));
  }
}
