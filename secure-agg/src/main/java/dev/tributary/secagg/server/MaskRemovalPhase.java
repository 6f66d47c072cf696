package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.wire.Failed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Result;
import java.time.Instant;

/**
 * All secrets are found: jobs take the masks off the sum, each a range of its own. Whoever has not
 * answered succeeds all the same.
 */
final class MaskRemovalPhase extends ServerPhase {

  private static final String UNMASK = "unmask/";

  /** Elements of one job, at least; a multiple of a tile. */
  private static final int RANGE = 16 * Masks.TILE;

  private static final int MOST_JOBS = 16;

  private final Survivors survivors;
  private final Recovery recovery;
  private int rangesLeft;
  private boolean unmasking;

  MaskRemovalPhase(ServerState state, Survivors survivors, Recovery recovery) {
    super(state);
    this.survivors = survivors;
    this.recovery = recovery;
  }

  @Override
  boolean isLate(Envelope.KindCase kind) {
    return kind == Envelope.KindCase.UNMASK || kind == Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    return advance(now);
  }

  @Override
  ServerPhase ran(Instant now, String job, Object result) {
    if (result instanceof Failed failed) {
      recovery.wipe();
      return abortFailed(now, job, failed);
    }
    rangesLeft--;
    return advance(now);
  }

  private void unmask() {
    unmasking = true;
    int length = state.sum.length();
    int range = Math.max(RANGE, roundUp((length + MOST_JOBS - 1) / MOST_JOBS));
    for (int from = 0; from < length; from += range) {
      int first = from;
      int count = Math.min(range, length - from);
      String name = UNMASK + rangesLeft;
      rangesLeft++;
      state.run(
          name,
          () -> {
            state.sum.unmask(recovery.masks(), first, count);
            return name;
          });
    }
  }

  private static int roundUp(int elements) {
    return (elements + Masks.TILE - 1) / Masks.TILE * Masks.TILE;
  }

  @Override
  ServerPhase advance(Instant now) {
    if (!state.allFolded()) {
      return this;
    }
    // Only after the last fold: both write the sum, and neither may lose what the other adds.
    if (!unmasking) {
      unmask();
    }
    if (rangesLeft > 0) {
      return this;
    }
    recovery.wipe();
    byte[] receipt = survivors.roster.transcript().receipt(state.receiptSalt(), survivors.bitmap);
    state.sendToAll(
        alive(survivors.slots()),
        state
            .message()
            .setResult(Result.newBuilder().setReceipt(ByteString.copyFrom(receipt)))
            .build());
    state.finish(
        new SumResult.RingSum(
            survivors.slots(),
            state.sum.result(),
            state.cohort.dropped(),
            recovery.wrongShares(),
            state.log.finish(now)));
    return new EndedPhase(state);
  }
}
