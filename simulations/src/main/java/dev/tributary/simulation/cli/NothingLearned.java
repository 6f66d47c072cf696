package dev.tributary.simulation.cli;

import dev.tributary.client.round.ClientOutcome;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.simulation.Experiment;
import dev.tributary.simulation.report.RoundLine;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says why a run came to no sum, and what lets the next one come to some. */
record NothingLearned(Job job, List<RoundLine> rounds) {
  /** A run in which nothing was learned is no success. */
  void refuse(Experiment.Outcome outcome) {
    JobResult result = outcome.result();
    if (result.outcome() == JobResult.Outcome.FAILED) {
      Throwable failure = result.failure();
      throw failure instanceof RuntimeException known
          ? known
          : new IllegalStateException(result.reason(), failure);
    }
    if (result.completed() == 0) {
      ClientOutcome decline = outcome.firstDecline();
      throw new CommandException(
          ErrorCode.NO_ROUND_COMPLETED,
          Terminal.format(
              "none of %d rounds came to a sum%s%s%s. %s, or %s.",
              result.aborted(),
              result.outcome() == JobResult.Outcome.STOPPED ? "; " + result.reason() : "",
              decline == null ? "" : "; the first client to decline said: " + decline.reason(),
              lost(),
              slow()
                  ? "Clients that train too long for the job's deadline are lost: raise deadline, lower their"
                      + " training seconds"
                  : "Let fewer clients drop out",
              looser()));
    }
  }

  /** What became of the clients that were asked, in the words of the report. */
  private String lost() {
    Map<String, Integer> reasons = reasons();
    return reasons.isEmpty()
        ? ""
        : "; clients asked: "
            + reasons.entrySet().stream()
                .map(reason -> Terminal.format("%,d %s", reason.getValue(), reason.getKey()))
                .collect(Collectors.joining(", "));
  }

  private Map<String, Integer> reasons() {
    Map<String, Integer> reasons = new TreeMap<>();
    for (RoundLine round : rounds) {
      round.dropouts().forEach((reason, count) -> reasons.merge(reason, count, Integer::sum));
    }
    return reasons;
  }

  /** Whether it may be for their training that clients were lost: nothing else was to come. */
  private boolean slow() {
    Job.Simulation simulation = Objects.requireNonNull(job.simulation());
    Map<String, Integer> reasons = reasons();
    int all = reasons.values().stream().mapToInt(Integer::intValue).sum();
    return (simulation.trainingSeconds() != null
            || simulation.availability() instanceof Job.Availability.Trace)
        && 2 * reasons.getOrDefault("NO_INPUT", 0) > all;
  }

  /** What lets more of a cohort go: the stricter of two keys. */
  private String looser() {
    int size = job.cohort().size();
    double fraction = job.secureAggregation().dropoutFraction();
    int lost = BigDecimal.valueOf(fraction).multiply(BigDecimal.valueOf(size)).intValue();
    return lost < size - job.cohort().minimum()
        ? Terminal.format(
            "leave out secureAggregation.dropoutFraction, which lets %d of %d clients go (cohort.minimum lets %d)",
            lost, size, size - job.cohort().minimum())
        : "lower cohort.minimum";
  }
}
