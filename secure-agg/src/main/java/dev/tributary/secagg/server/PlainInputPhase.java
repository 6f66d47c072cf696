package dev.tributary.secagg.server;

import dev.tributary.secagg.SumResult;
import dev.tributary.wire.v1.MaskedInput;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;

/** The one step of the sum without protection: what comes in is the vector itself. */
final class PlainInputPhase extends InputPhase {

  PlainInputPhase(ServerState state) {
    super(state);
  }

  @Override
  boolean accepts(int slot, MaskedInput input) {
    return true;
  }

  @Override
  ServerPhase frozen(Instant now, BitSet survivors) {
    return new PlainSumPhase(state, survivors);
  }

  /** Waits for the last fold. */
  private static final class PlainSumPhase extends ServerPhase {

    private final BitSet survivors;

    PlainSumPhase(ServerState state, BitSet survivors) {
      super(state);
      this.survivors = survivors;
    }

    @Override
    ServerPhase enter(Instant now) {
      return advance(now);
    }

    @Override
    ServerPhase advance(Instant now) {
      if (!state.allFolded()) {
        return this;
      }
      state.finish(
          new SumResult.RingSum(
              survivors,
              state.sum.result(),
              state.cohort.dropped(),
              List.of(),
              state.log.finish(now)));
      return new EndedPhase(state);
    }
  }
}
