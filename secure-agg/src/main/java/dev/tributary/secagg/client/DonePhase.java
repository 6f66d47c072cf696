package dev.tributary.secagg.client;

import dev.tributary.wire.v1.Envelope;
import java.time.Instant;

/** The session is over; only repeats are answered still. */
final class DonePhase extends ClientPhase {

  DonePhase(ClientState state) {
    super(state);
  }

  @Override
  Envelope.KindCase awaited() {
    return Envelope.KindCase.KIND_NOT_SET;
  }

  @Override
  ClientPhase accept(Instant now, Envelope message) {
    return this;
  }
}
