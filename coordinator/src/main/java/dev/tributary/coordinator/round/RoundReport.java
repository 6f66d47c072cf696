package dev.tributary.coordinator.round;

import dev.tributary.nn.Metrics;
import dev.tributary.privacy.Guarantee;
import dev.tributary.secagg.StepReport;
import dev.tributary.secagg.SumResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a round: the one source of metrics, audit record, log line and report. Nothing
 * in it is computed from clients' data, except through what the round releases.
 *
 * @param round counted from 1
 * @param of rounds of the job
 * @param code why there is no sum, a stable word; empty for a committed round
 * @param reason the same for people
 * @param cohort members that were selected
 * @param survivors members whose update is in the released model; 0 for an aborted round
 * @param dropped all other members by what became of them, a word for each; with {@code survivors}
 *     they add up to {@code cohort}
 * @param declined members that declined by the code that they gave; a part of {@code dropped}
 * @param released what has been spent against whoever sees the models
 * @param coordinatorView what has been spent against the coordinator
 * @param clipNorm C of the round's plan, where it adapts; null where it stays
 * @param metrics of the released model, where it was evaluated
 * @param clientAccuracy of the model that the round began with, where its clients evaluated it
 * @param wrongShares shares that were found wrong in the unmasking and corrected, by slot
 * @param steps of the sum, in order, with their bytes
 * @param modelDigest of the released model; null for an aborted round
 */
public record RoundReport(
    int round,
    int of,
    Outcome outcome,
    String code,
    String reason,
    int cohort,
    int survivors,
    SortedMap<String, Integer> dropped,
    SortedMap<String, Integer> declined,
    Guarantee released,
    Guarantee coordinatorView,
    @Nullable Double clipNorm,
    @Nullable Metrics metrics,
    @Nullable ClientAccuracy clientAccuracy,
    List<SumResult.WrongShare> wrongShares,
    List<StepReport> steps,
    Instant started,
    Instant ended,
    @Nullable String modelDigest) {

  /** How a round ended. */
  public enum Outcome {
    COMMITTED,
    ABORTED
  }

  public RoundReport {
    dropped = copy(dropped);
    declined = copy(declined);
    wrongShares = List.copyOf(wrongShares);
    steps = List.copyOf(steps);
    int lost = dropped.values().stream().mapToInt(Integer::intValue).sum();
    if (survivors + lost != cohort) {
      throw new IllegalArgumentException(
          "outcomes of round "
              + round
              + " do not add up: "
              + survivors
              + " survivors and "
              + dropped
              + " of a cohort of "
              + cohort);
    }
  }

  /** Members whose update is not in the model. */
  public int lost() {
    return cohort - survivors;
  }

  /** From offer to commit. */
  public Duration duration() {
    return Duration.between(started, ended);
  }

  private static SortedMap<String, Integer> copy(Map<String, Integer> counts) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(counts));
  }
}
