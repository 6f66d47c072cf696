package dev.tributary.secagg.server;

/** The session is over; whatever still comes changes nothing. */
final class EndedPhase extends ServerPhase {

  EndedPhase(ServerState state) {
    super(state);
  }
}
