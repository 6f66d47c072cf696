package dev.tributary.coordinator.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows of a round.
 *
 * @param cohort population indices by slot
 * @param drawn whose turn in the schedule is over with it: the cohort, and who was drawn for it and
 *     was not there when a spare was
 * @param model digest of the model that it released; null unless committed
 * @param optimizer digest of the server optimizer's state after it; null unless it is the last
 *     committed round of its task
 * @param noise digest of the correlated noise that later rounds need; null without any, and unless
 *     it is the last committed round of its task
 * @param clipNorm that the next round has, where it adapts; null where it stays, and unless
 *     committed
 * @param report the round's report as JSON; null while it runs
 */
public record RoundRecord(
    int round,
    State state,
    List<Integer> cohort,
    List<Integer> drawn,
    @Nullable String model,
    @Nullable String optimizer,
    @Nullable String noise,
    @Nullable Double clipNorm,
    @Nullable String report) {

  /** Where a round stands. */
  public enum State {
    /** Reserved in the ledger; clients may have been asked. */
    RUNNING,
    /** Its model is released and charged. */
    COMMITTED,
    /** It released nothing. */
    ABORTED
  }

  public RoundRecord {
    cohort = List.copyOf(cohort);
    drawn = List.copyOf(drawn);
  }
}
