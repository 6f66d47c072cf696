package dev.tributary.secagg.server;

import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.Topology;
import dev.tributary.wire.Body;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.ShareKeys;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** R1 at the coordinator: the roster goes out, encrypted shares come in; U2 shares. */
final class SharePhase extends ServerPhase {

  private final Roster roster;
  private final @Nullable Envelope wholeRoster;
  private final Dealt dealt;
  private final BitSet shared = new BitSet();

  SharePhase(ServerState state, Roster roster) {
    super(state);
    this.roster = roster;
    Scratch spooled = state.session.relayed();
    this.dealt = new Dealt(spooled == null ? Scratch.inMemory() : spooled, roster.size());
    this.wholeRoster =
        state.parameters.graph() == Topology.Graph.COMPLETE
            ? message(roster.rooted().addAllMembers(roster.advertised()))
            : null;
  }

  private Envelope message(dev.tributary.wire.v1.Roster.Builder one) {
    return state.message().setRoster(one).build();
  }

  /** The whole roster, or on a sparse graph what concerns this member of it. */
  private Envelope rosterFor(int slot) {
    if (wholeRoster != null) {
      return wholeRoster;
    }
    int index = roster.index(slot);
    return answers() == Envelope.KindCase.CHOICE
        ? state
            .message()
            .setNeighbours(Neighbours.newBuilder().addAllMembers(roster.shownTo(index)))
            .build()
        : message(
            roster.rooted().setPath(roster.path(index)).addAllNeighbours(roster.shownTo(index)));
  }

  /** The kind of message that the roster answers. */
  private Envelope.KindCase answers() {
    return state.parameters.graph() == Topology.Graph.OUT_NEIGHBOURS
        ? Envelope.KindCase.CHOICE
        : Envelope.KindCase.ADVERTISE_KEYS;
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
    BitSet alive = state.cohort.alive();
    alive.stream().forEach(slot -> state.send(slot, rosterFor(slot)));
    return this;
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == answers()) {
      state.send(slot, rosterFor(slot));
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    ShareKeys shares = message.getShareKeys();
    int index = roster.index(slot);
    SumParameters parameters = state.parameters;
    int holders = roster.neighbours(index).holderCount();
    int above = roster.neighbours(index).edges().get(index, roster.size()).cardinality();
    if (shares.getCiphertexts().size() != SumSteps.sealedLength(parameters) * holders
        || shares.getMaskCiphertexts().size() != SumSteps.maskCiphertexts(parameters, above)
        || !roster
            .identity(index)
            .verify(roster.transcript().shares(shares), shares.getSignature().toByteArray())) {
      return dropAndAdvance(now, slot, DropReason.INVALID_SHARE_KEYS_RESPONSE);
    }
    try {
      dealt.put(index, shares);
    } catch (UncheckedIOException e) {
      return abortFailed(now, SumSteps.SHARE, new Failed(e));
    }
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
    return outstanding.isEmpty() ? next(now) : this;
  }

  @Override
  ServerPhase expire(Instant now) {
    BitSet silent = state.cohort.alive();
    silent.andNot(shared);
    state.dropAll(silent, DropReason.NO_SHARES);
    return advance(now);
  }

  private ServerPhase next(Instant now) {
    BitSet sharers = roster.indices(state.cohort.alive());
    return abortBelowThreshold(now, roster, sharers, sharers)
        .orElseGet(
            () ->
                new MaskedInputPhase(state, new Sharers(state.parameters, roster, sharers, dealt)));
  }
}
