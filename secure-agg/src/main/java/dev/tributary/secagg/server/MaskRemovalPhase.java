package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.wire.Failed;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Result;
import java.time.Instant;
import java.util.List;

/**
 * All secrets are found: jobs take the masks off the sum, each some masks over one range of it.
 * Long vectors make jobs by their ranges, short ones by parts of the masks. Memory beside the sum
 * is one block for each job that runs. Whoever has not answered succeeds all the same.
 */
final class MaskRemovalPhase extends ServerPhase {

  private static final String UNMASK = "unmask/";

  /** Elements of the block of one job, at most: 1 MiB; a multiple of a tile. */
  private static final int RANGE = 64 * Masks.TILE;

  private static final int MOST_JOBS = 16;

  /** Elements of masks that are worth a job: some 20 us. */
  private static final int WORTH_A_JOB = 1 << 16;

  private final Survivors survivors;
  private final Recovery recovery;
  private int jobsLeft;

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
    List<Masks.Mask> masks = recovery.masks();
    int length = state.sum.length();
    int ranges = (length + RANGE - 1) / RANGE;
    long worth = (long) masks.size() * Math.min(RANGE, length) / WORTH_A_JOB;
    int parts = (int) Math.max(1, Math.min(worth, MOST_JOBS / ranges));
    int part = Math.max(1, (masks.size() + parts - 1) / parts);
    for (int from = 0; from < length; from += RANGE) {
      for (int first = 0; first < masks.size(); first += part) {
        unmask(
            masks.subList(first, Math.min(first + part, masks.size())),
            from,
            Math.min(RANGE, length - from));
      }
    }
    return advance(now);
  }

  /** Runs one job: some masks over one range, in a block of its own, which is then added. */
  private void unmask(List<Masks.Mask> masks, int from, int count) {
    String name = UNMASK + jobsLeft;
    jobsLeft++;
    state.run(
        name,
        () -> {
          int[] block = new int[count];
          Masks.apply(masks, from, block, count, recovery::ended);
          state.sum.add(from, block, count);
          return name;
        });
  }

  @Override
  ServerPhase ran(Instant now, String job, Object result) {
    if (result instanceof Failed failed) {
      return abortFailed(now, job, failed);
    }
    jobsLeft--;
    return advance(now);
  }

  @Override
  void ended() {
    recovery.end();
  }

  @Override
  ServerPhase advance(Instant now) {
    if (jobsLeft > 0 || !state.allFolded()) {
      return this;
    }
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
