package dev.tributary.secagg;

import dev.tributary.wire.RingVector;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** How a sum machine ended; the result of its {@code Finish}. */
public sealed interface SumResult {

  /**
   * A share that was off the polynomial of the others and was corrected. Either of the two may have
   * sent it: the dealer to the holder, or the holder to the coordinator.
   *
   * @param dealer slot of the member whose secret was shared
   * @param holder slot of the member that answered with the share
   */
  record WrongShare(int dealer, int holder) {}

  /**
   * The coordinator's sum.
   *
   * @param survivors slots whose vectors are in the sum
   * @param sum Z_2^w[d], the plain sum over exactly the survivors
   * @param dropped slots that left, and why. One that left after its input was accepted is in both:
   *     the cohort is partitioned by survivors, and by dropped outside them
   * @param wrongShares shares that were found wrong and corrected; empty in an honest round
   */
  record RingSum(
      BitSet survivors,
      RingVector sum,
      Map<Integer, DropReason> dropped,
      List<WrongShare> wrongShares,
      List<StepReport> steps)
      implements SumResult {
    /** Copies. */
    public RingSum {
      survivors = (BitSet) survivors.clone();
      dropped = Map.copyOf(dropped);
      wrongShares = List.copyOf(wrongShares);
      steps = List.copyOf(steps);
    }

    @Override
    public BitSet survivors() {
      return (BitSet) survivors.clone();
    }
  }

  /**
   * There is no sum, at either end.
   *
   * @param code stable, for machines: the name of an {@link AbortCode}, or what the other end sent
   * @param reason for people
   * @param unmaskingAnswered whether an unmasking answer has arrived (coordinator) or left (client)
   */
  record Aborted(
      String code,
      String reason,
      Map<Integer, DropReason> dropped,
      boolean unmaskingAnswered,
      List<StepReport> steps)
      implements SumResult {
    /** Copies. */
    public Aborted {
      dropped = Map.copyOf(dropped);
      steps = List.copyOf(steps);
    }
  }

  /**
   * The client's end: its input is with the coordinator, and nothing more is asked of it.
   *
   * @param answered whether it answered the unmasking request, or the round was over before
   * @param unreadableShares roster indices of members whose ciphertext did not open here
   */
  record Contributed(boolean answered, List<Integer> unreadableShares) implements SumResult {
    /** Copies. */
    public Contributed {
      unreadableShares = List.copyOf(unreadableShares);
    }
  }
}
