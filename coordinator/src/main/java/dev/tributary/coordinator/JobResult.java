package dev.tributary.coordinator;

import dev.tributary.nn.Metrics;
import dev.tributary.privacy.Guarantee;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended.
 *
 * @param reason for people; empty for a job that did all its rounds
 * @param rounds that were planned
 * @param completed rounds that released a model
 * @param aborted rounds that released nothing
 * @param modelDigest of the last released model, or of the first model if no round released one
 * @param released what has been spent against whoever sees the models
 * @param coordinatorView what has been spent against the coordinator
 * @param metrics of the last model that was evaluated
 * @param failure what stopped a failed job
 */
public record JobResult(
    Outcome outcome,
    String reason,
    int rounds,
    int completed,
    int aborted,
    String modelDigest,
    Guarantee released,
    Guarantee coordinatorView,
    @Nullable Metrics metrics,
    @Nullable Throwable failure) {

  /** How a job can end. */
  public enum Outcome {
    /** All rounds were run. */
    COMPLETED,
    /** The ledger refused the next round. */
    BUDGET_SPENT,
    /** Its owner stopped it; it can go on later. */
    STOPPED,
    /** Somebody who may cancelled it; it never goes on. */
    CANCELLED,
    /** Work of the coordinator failed; it can go on later. */
    FAILED
  }
}
