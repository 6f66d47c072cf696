package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ShareKeys;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** R1 at the coordinator: the roster goes out, encrypted shares come in; U2 shares. */
final class SharePhase extends ServerPhase {

  private final Roster roster;
  private final Envelope rosterMessage;
  private final ByteString[] ciphertexts;
  private final BitSet shared = new BitSet();

  SharePhase(ServerState state, Roster roster) {
    super(state);
    this.roster = roster;
    this.ciphertexts = new ByteString[roster.size()];
    this.rosterMessage =
        state
            .message()
            .setRoster(
                dev.tributary.wire.v1.Roster.newBuilder()
                    .setRoot(ByteString.copyFrom(roster.transcript().root()))
                    .addAllMembers(roster.members()))
            .build();
  }

  @Override
  String step() {
    return SumSteps.SHARE;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.SHARE_KEYS;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.sendToAll(state.cohort.alive(), rosterMessage);
    return this;
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.ADVERTISE_KEYS) {
      state.send(slot, rosterMessage);
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    ShareKeys shares = message.getShareKeys();
    int index = roster.index(slot);
    ByteString bytes = shares.getCiphertexts();
    if (bytes.size() != SumSteps.CIPHERTEXT * (roster.size() - 1)
        || !roster
            .keys()
            .get(index)
            .verify(
                roster.transcript().shares(bytes.toByteArray()),
                shares.getSignature().toByteArray())) {
      return dropAndAdvance(now, slot, DropReason.INVALID_SHARE_KEYS_RESPONSE);
    }
    ciphertexts[index] = bytes;
    shared.set(slot);
    return advance(now);
  }

  @Override
  ServerPhase advance(Instant now) {
    ServerPhase aborted = abortBelowFloor(now);
    if (aborted != null) {
      return aborted;
    }
    BitSet outstanding = state.cohort.alive();
    outstanding.andNot(shared);
    return outstanding.isEmpty() ? next() : this;
  }

  @Override
  ServerPhase expire(Instant now) {
    BitSet silent = state.cohort.alive();
    silent.andNot(shared);
    state.dropAll(silent, DropReason.NO_SHARES);
    return advance(now);
  }

  private ServerPhase next() {
    BitSet sharers = roster.indices(state.cohort.alive());
    for (int i = 0; i < ciphertexts.length; i++) {
      if (!sharers.get(i)) {
        ciphertexts[i] = ByteString.EMPTY;
      }
    }
    return new MaskedInputPhase(state, new Sharers(roster, sharers, ciphertexts));
  }
}
