package dev.tributary.simulation;

import java.util.List;

/**
 * Where the clients of a round do their part, if not on the threads of this process. Seats may be
 * dealt out in any way, and a part that was lost may be done again: what comes of a seat follows
 * from the work and the seat alone, and sums in the ring do not depend on their order.
 */
@FunctionalInterface
public interface Fleet {
  /** {@link CohortWork#sum} over all seats: over parts of them, with the parts added. */
  PartialSum sum(CohortWork work, List<CohortWork.Seat> seats) throws Exception;
}
