package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.Optional;

/**
 * R1a and R1b of the client-chosen graph: draws and signs a choice under the root of the roster,
 * and awaits those whom it has chosen and those who have chosen it.
 */
final class NeighboursPhase extends ClientPhase {

  private final RosterCheck check;
  private final int[] chosen;

  NeighboursPhase(ClientState state, RosterCheck check) {
    super(state);
    this.check = check;
    int n = state.parameters.clients();
    this.chosen =
        Choices.draw(n, state.session.slot(), state.parameters.degree(), state.secrets.choiceKey);
    ByteString indices = Choices.encode(chosen);
    byte[] signature =
        state.session.identity().signLabelled(check.after().choice(indices.toByteArray()));
    Choice choice =
        Choice.newBuilder()
            .setIndices(indices)
            .setSignature(ByteString.copyFrom(signature))
            .build();
    state.send(state.message().setChoice(choice).build(), null);
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.NEIGHBOURS;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    Optional<String> refusal =
        check.neighbours(message.getNeighbours().getMembersList(), chosen, now);
    return refusal.isPresent()
        ? state.abort(AbortCode.ROSTER_REFUSED, refusal.get())
        : SharesPhase.deal(state, check.members());
  }
}
