package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * R4 at the coordinator: the proof goes out, shares come in, until every needed secret has t of
 * them: the self mask of each survivor, the mask seed of each lost sharer.
 */
final class UnmaskPhase extends ServerPhase {

  private final Survivors survivors;
  private final Envelope proof;
  private final Answers answers;

  UnmaskPhase(ServerState state, Survivors survivors, Envelope proof) {
    super(state);
    this.survivors = survivors;
    this.proof = proof;
    this.answers = new Answers(survivors.sharers.indices(), state.parameters.threshold());
  }

  @Override
  String step() {
    return SumSteps.UNMASK;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.UNMASK;
  }

  @Override
  boolean isLate(Envelope.KindCase kind) {
    return kind == Envelope.KindCase.SIGNED_SURVIVORS;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.sendToAll(alive(survivors.slots()), proof);
    return advance(now);
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.SIGNED_SURVIVORS) {
      state.send(slot, proof);
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    Unmask answer = message.getUnmask();
    int index = survivors.roster.index(slot);
    int n = survivors.roster.size();
    if (!fits(answer.getMaskSeedDealers(), answer.getMaskSeedShares(), n, survivors.lost())
        || !fits(answer.getSelfMaskDealers(), answer.getSelfMaskShares(), n, survivors.indices())
        || !Bitmap.decode(answer.getSelfMaskDealers(), n).get(index)) {
      return dropAndAdvance(now, slot, DropReason.INVALID_UNMASKING_RESPONSE);
    }
    state.noteAnswer(slot);
    answers.add(index, Bitmap.decode(answer.getMaskSeedDealers(), n), answer.getMaskSeedShares());
    answers.add(index, Bitmap.decode(answer.getSelfMaskDealers(), n), answer.getSelfMaskShares());
    return advance(now);
  }

  private static boolean fits(ByteString dealers, ByteString shares, int n, BitSet allowed) {
    if (!Bitmap.isValid(dealers, n)) {
      return false;
    }
    BitSet named = Bitmap.decode(dealers, n);
    int count = named.cardinality();
    named.andNot(allowed);
    if (!named.isEmpty() || shares.size() != count * Shamir.SHARE_LENGTH) {
      return false;
    }
    byte[] bytes = shares.toByteArray();
    for (int i = 0; i < count; i++) {
      if (!Shamir.isShare(bytes, i * Shamir.SHARE_LENGTH)) {
        return false;
      }
    }
    return true;
  }

  @Override
  ServerPhase advance(Instant now) {
    if (answers.enough()) {
      return new RecoveryPhase(state, survivors, answers);
    }
    BitSet silent = silent();
    int dealer = answers.hopeless(silent.cardinality());
    return dealer < 0
        ? this
        : state.abort(
            now,
            AbortCode.NOT_ENOUGH_CLIENTS,
            "fewer than "
                + state.parameters.threshold()
                + " shares of the secret of slot "
                + survivors.roster.slots().get(dealer)
                + " can come");
  }

  /** Living survivors that have not answered, by slot. */
  private BitSet silent() {
    BitSet silent = alive(survivors.slots());
    for (int index : answers.holders()) {
      silent.clear(survivors.roster.slots().get(index));
    }
    return silent;
  }

  @Override
  ServerPhase expire(Instant now) {
    state.dropAll(silent(), DropReason.NO_ANSWER);
    return advance(now);
  }
}
