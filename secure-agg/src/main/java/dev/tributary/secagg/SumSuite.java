package dev.tributary.secagg;

import dev.tributary.wire.Machine;
import java.util.ArrayList;
import java.util.List;

/** A way to add vectors of many members, with both of its ends. */
public interface SumSuite {

  /** The name in plans. */
  String id();

  /** The steps under these parameters, their shares of the deadline and byte caps. */
  List<Step> steps(SumParameters parameters);

  /** Recomputes everything derived; empty if this suite can keep the parameters. */
  List<Violation> check(SumParameters parameters);

  /**
   * The same for members whose values are known to be bounded: refuses a ring that their plain sum
   * could leave. Values are of both signs, from -2^(w-1) to 2^(w-1) - 1.
   *
   * @param largest absolute value that no element of any member passes, without noise
   */
  default List<Violation> check(SumParameters parameters, long largest) {
    List<Violation> found = new ArrayList<>(check(parameters));
    found.addAll(parameters.overflow(largest));
    return found;
  }

  /** Who must answer for the sum to be recoverable. */
  Quorum quorum(SumParameters parameters);

  /**
   * The machine of one end. It wants {@code Start(seed)}, then messages; a client's also one {@code
   * Input}, before or after any message. It ends in a {@link SumResult}.
   *
   * @throws SumParametersException if the parameters cannot be kept
   */
  Machine open(SumSession session);
}
