package dev.tributary.simulation;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * What some seats of a round came to.
 *
 * @param values Z_2^32[length], to be taken modulo the round's ring: the sum over the seats whose
 *     input is in it
 * @param answers by slot, one for each seat
 * @param bytes that the seats would have sent to the coordinator
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares sums; the array is the point
public record PartialSum(int[] values, Map<Integer, Answer> answers, long bytes)
    implements Serializable {

  /** What became of a seat. */
  public enum Kind {
    /** Its input is in the sum. */
    IN,
    /** It told the coordinator that it takes no part. */
    DECLINED,
    /** It dropped out before its input. */
    SILENT
  }

  /**
   * One seat's part.
   *
   * @param code why it declined; empty if it did not
   * @param reason the same for people; empty where that stays with the client
   * @param state what the client has on its disk now
   */
  public record Answer(Kind kind, String code, String reason, CohortWork.ClientState state)
      implements Serializable {}

  /** Both together; this one stays as it is. */
  public PartialSum plus(PartialSum other) {
    int[] both = values.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] += other.values[i];
    }
    Map<Integer, Answer> all = new HashMap<>(answers);
    all.putAll(other.answers);
    return new PartialSum(both, all, bytes + other.bytes);
  }
}
