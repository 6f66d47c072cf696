package dev.tributary.secagg.server;

import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.MaskedInput;
import java.time.Instant;
import java.util.BitSet;

/** R2 of SA1: shares go out, signed masked inputs come in. */
final class MaskedInputPhase extends InputPhase {

  private final Sharers sharers;

  MaskedInputPhase(ServerState state, Sharers sharers) {
    super(state);
    this.sharers = sharers;
  }

  @Override
  ServerPhase enter(Instant now) {
    BitSet alive = state.cohort.alive();
    for (int slot = alive.nextSetBit(0); slot >= 0; slot = alive.nextSetBit(slot + 1)) {
      sendShares(slot);
    }
    return this;
  }

  private void sendShares(int slot) {
    int index = sharers.roster.index(slot);
    if (state.session.relayed() == null) {
      state.send(slot, state.message().setShares(sharers.addressedTo(index)).build());
    } else {
      Envelope announced = state.message().setShares(sharers.announced()).build();
      state.send(slot, announced, sharers.rest(index));
    }
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.SHARE_KEYS) {
      sendShares(slot);
    }
  }

  @Override
  boolean accepts(int slot, MaskedInput input) {
    Roster roster = sharers.roster;
    byte[] signed = roster.transcript().input(sharers.bitmap, input.getSha256().toByteArray());
    return roster.identity(roster.index(slot)).verify(signed, input.getSignature().toByteArray());
  }

  @Override
  ServerPhase frozen(Instant now, BitSet slots) {
    Survivors survivors = new Survivors(sharers, slots);
    return abortBelowThreshold(now, sharers.roster, sharers.indices(), survivors.indices())
        .orElseGet(() -> new SignPhase(state, survivors));
  }
}
