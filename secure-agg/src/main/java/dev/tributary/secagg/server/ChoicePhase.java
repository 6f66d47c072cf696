package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * R1a of the client-chosen graph: the root of the roster goes out, and each member chooses under it
 * whom it masks with, so that nobody can arrange its neighbours. Who chooses nobody is no member.
 */
final class ChoicePhase extends ServerPhase {

  private final Roster roster;
  private final Map<Integer, Choice> choices = new TreeMap<>();

  ChoicePhase(ServerState state, Roster roster) {
    super(state);
    this.roster = roster;
  }

  @Override
  String step() {
    return SumSteps.CHOOSE;
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.CHOICE;
  }

  @Override
  ServerPhase enter(Instant now) {
    state.cohort.alive().stream().forEach(this::sendRoster);
    return this;
  }

  private void sendRoster(int slot) {
    state.send(slot, state.message().setRoster(roster.rooted().setPath(roster.path(slot))).build());
  }

  @Override
  void repeated(int slot, Envelope.KindCase kind) {
    if (kind == Envelope.KindCase.ADVERTISE_KEYS) {
      sendRoster(slot);
    }
  }

  @Override
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    Choice choice = message.getChoice();
    int degree = state.parameters.degree();
    ByteString indices = choice.getIndices();
    if (Choices.decode(indices, roster.size(), slot, degree) == null
        || !roster
            .identity(slot)
            .verify(
                roster.transcript().choice(indices.toByteArray()),
                choice.getSignature().toByteArray())) {
      return dropAndAdvance(now, slot, DropReason.INVALID_CHOICE);
    }
    choices.put(slot, choice);
    return advance(now);
  }

  @Override
  ServerPhase advance(Instant now) {
    ServerPhase aborted = abortBelowFloor(now);
    if (aborted != null) {
      return aborted;
    }
    BitSet outstanding = state.cohort.alive();
    choices.keySet().forEach(outstanding::clear);
    if (!outstanding.isEmpty()) {
      return this;
    }
    choices.keySet().removeIf(slot -> !state.cohort.isAlive(slot));
    return new SharePhase(state, roster.chosen(choices));
  }

  @Override
  ServerPhase expire(Instant now) {
    BitSet silent = state.cohort.alive();
    choices.keySet().forEach(silent::clear);
    state.dropAll(silent, DropReason.NO_CHOICE);
    return advance(now);
  }
}
