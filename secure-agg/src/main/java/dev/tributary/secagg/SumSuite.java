package dev.tributary.secagg;

import dev.tributary.wire.Machine;
import java.util.List;

/** A way to add vectors of many members, with both of its ends. */
public interface SumSuite {

  /** The name in plans. */
  String id();

  /** The steps under these parameters, their shares of the deadline and byte caps. */
  List<Step> steps(SumParameters parameters);

  /** Recomputes everything derived; empty if this suite can keep the parameters. */
  List<Violation> check(SumParameters parameters);

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
