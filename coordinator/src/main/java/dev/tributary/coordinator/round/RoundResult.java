package dev.tributary.coordinator.round;

import dev.tributary.secagg.SumResult;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a round's sum ended, with one outcome for each member.
 *
 * @param sum a {@link SumResult.RingSum} or {@link SumResult.Aborted}
 * @param outcomes by slot: {@link #SURVIVED}, {@link #ABSENT}, {@link #ROUND_LOST} or the name of a
 *     {@link dev.tributary.secagg.DropReason}
 * @param declined members that declined by the code that they gave
 */
public record RoundResult(
    SumResult sum,
    List<String> outcomes,
    SortedMap<String, Integer> declined,
    Instant started,
    Instant ended) {

  /** The member's update is in the sum. */
  public static final String SURVIVED = "SURVIVED";

  /** The member had not been seen lately when the round was offered, and was not asked. */
  public static final String ABSENT = "ABSENT";

  /** The member did its part until the round was given up. */
  public static final String ROUND_LOST = "ROUND_LOST";

  public RoundResult {
    outcomes = List.copyOf(outcomes);
  }

  /** Members in the sum. */
  public int survivors() {
    return (int) outcomes.stream().filter(SURVIVED::equals).count();
  }

  /** All other members by outcome. */
  public SortedMap<String, Integer> dropped() {
    SortedMap<String, Integer> counts = new TreeMap<>();
    for (String outcome : outcomes) {
      if (!outcome.equals(SURVIVED)) {
        counts.merge(outcome, 1, Integer::sum);
      }
    }
    return counts;
  }
}
