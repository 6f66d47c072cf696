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

  /** Jobs to aim at; longer vectors make more, short ones fewer. */
  private static final int JOBS = 16;

  /** Elements of the block of one job: a shorter one costs too many keys, a longer one memory. */
  private static final int SHORTEST_RANGE = 8 * Masks.TILE;

  private static final int LONGEST_RANGE = 64 * Masks.TILE;

  /** Masks of one job, at least: its block costs as much as two of them. */
  private static final int FEWEST_MASKS = 8;

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
    int parts = between(1, masks.size() / FEWEST_MASKS, JOBS);
    int range = between(SHORTEST_RANGE, (int) ((long) length * parts / JOBS), LONGEST_RANGE);
    range = range / Masks.TILE * Masks.TILE;
    int ranges = (length + range - 1) / range;
    long worth = (long) masks.size() * Math.min(range, length) / WORTH_A_JOB;
    parts = between(1, (int) Math.min(worth, JOBS / ranges), parts);
    int part = Math.max(1, (masks.size() + parts - 1) / parts);
    for (int from = 0; from < length; from += range) {
      for (int first = 0; first < masks.size(); first += part) {
        unmask(
            masks.subList(first, Math.min(first + part, masks.size())),
            from,
            Math.min(range, length - from));
      }
    }
    return advance(now);
  }

  private static int between(int least, int value, int most) {
    return Math.max(least, Math.min(value, most));
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
