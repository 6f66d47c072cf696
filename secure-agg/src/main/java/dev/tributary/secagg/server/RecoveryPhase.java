package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.wire.Failed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Result;
import java.time.Instant;
import java.util.List;

/**
 * Enough has been answered: jobs reconstruct the secrets, then take the masks off the sum, each job
 * a range of its own. Whoever has not answered succeeds all the same.
 */
final class RecoveryPhase extends ServerPhase {

  private static final String RECOVER = "recover";
  private static final String UNMASK = "unmask/";

  /** Elements of one job, at least; a multiple of a tile. */
  private static final int RANGE = 16 * Masks.TILE;

  private static final int MOST_JOBS = 16;

  private final Survivors survivors;
  private final Answers answers;
  private List<Masks.Mask> masks = List.of();
  private int rangesLeft;
  private boolean recovered;
  private boolean unmasking;

  RecoveryPhase(ServerState state, Survivors survivors, Answers answers) {
    super(state);
    this.survivors = survivors;
    this.answers = answers;
  }

  @Override
  boolean isLate(Envelope.KindCase kind) {
    return kind == Envelope.KindCase.UNMASK || kind == Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.run(RECOVER, () -> new Recovery(survivors, answers).run());
    return this;
  }

  @Override
  ServerPhase ran(Instant now, String job, Object result) {
    if (result instanceof Failed failed) {
      return abortFailed(now, job, failed);
    }
    if (result instanceof Recovery.Outcome outcome) {
      return recovered(now, outcome);
    }
    rangesLeft--;
    return advance(now);
  }

  private ServerPhase recovered(Instant now, Recovery.Outcome outcome) {
    if (outcome.wrongDealer() >= 0) {
      return state.abort(
          now,
          AbortCode.WRONG_SHARES,
          "shares dealt by slot "
              + survivors.roster.slots().get(outcome.wrongDealer())
              + " give another secret than it advertised");
    }
    recovered = true;
    masks = outcome.masks();
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
            state.sum.unmask(masks, first, count);
            return name;
          });
    }
  }

  private static int roundUp(int elements) {
    return (elements + Masks.TILE - 1) / Masks.TILE * Masks.TILE;
  }

  @Override
  ServerPhase advance(Instant now) {
    if (!recovered || !state.allFolded()) {
      return this;
    }
    // Only after the last fold: both write the sum, and neither may lose what the other adds.
    if (!unmasking) {
      unmask();
    }
    if (rangesLeft > 0) {
      return this;
    }
    masks.forEach(Masks.Mask::wipe);
    byte[] receipt = survivors.roster.transcript().receipt(state.receiptSalt(), survivors.bitmap);
    state.sendToAll(
        alive(survivors.slots()),
        state
            .message()
            .setResult(Result.newBuilder().setReceipt(ByteString.copyFrom(receipt)))
            .build());
    state.finish(
        new SumResult.RingSum(
            survivors.slots(), state.sum.result(), state.cohort.dropped(), state.log.finish(now)));
    return new EndedPhase(state);
  }
}
