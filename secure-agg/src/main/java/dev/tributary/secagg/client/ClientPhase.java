package dev.tributary.secagg.client;

import dev.tributary.wire.v1.Envelope;
import java.time.Instant;

/**
 * A phase of the client's end. Each method returns the phase to go on in. The defaults are for
 * phases that do not expect what happens.
 */
abstract class ClientPhase {

  final ClientState state;

  ClientPhase(ClientState state) {
    this.state = state;
  }

  /** The kind of message that this phase takes in. */
  abstract Envelope.KindCase awaited();

  /** Takes in the awaited message. */
  abstract ClientPhase accept(Instant now, Envelope message);

  /** The input has come. */
  ClientPhase inputArrived() {
    return this;
  }

  /** Whether the coordinator may say already that the round is over. */
  boolean mayEnd() {
    return false;
  }
}
