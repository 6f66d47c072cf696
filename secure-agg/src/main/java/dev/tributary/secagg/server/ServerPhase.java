package dev.tributary.secagg.server;

import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.wire.Body;
import dev.tributary.wire.Failed;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A phase of the coordinator's end. Each method returns the phase to go on in. The defaults are for
 * phases that do not expect what happens.
 */
abstract class ServerPhase {

  final ServerState state;

  ServerPhase(ServerState state) {
    this.state = state;
  }

  /** The step's name in schedule and report; empty if it has none. */
  String step() {
    return "";
  }

  /** The kind of message that this phase takes in; KIND_NOT_SET if none. */
  Envelope.KindCase awaited() {
    return Envelope.KindCase.KIND_NOT_SET;
  }

  /** Whether a first message of this other kind is only late, and harmless. */
  boolean isLate(Envelope.KindCase kind) {
    return false;
  }

  /** Sends what opens the phase. */
  ServerPhase enter(Instant now) {
    return this;
  }

  /** Takes in the first awaited message of a living member. */
  ServerPhase accept(Instant now, int slot, Envelope message, @Nullable Body body) {
    return this;
  }

  /** Answers a byte-identical repeat. */
  void repeated(int slot, Envelope.KindCase kind) {}

  /** Goes on if enough have answered, ends if too few can. Called after each change. */
  ServerPhase advance(Instant now) {
    return this;
  }

  /** A job of this session ended. */
  ServerPhase ran(Instant now, String job, Object result) {
    return this;
  }

  /** The step's time is up. */
  ServerPhase expire(Instant now) {
    return this;
  }

  /** The session has ended in this phase: clears its secrets and cancels its jobs. */
  void ended() {}

  /** Drops a member and looks where that leaves the round. */
  ServerPhase dropAndAdvance(Instant now, int slot, DropReason reason) {
    state.drop(slot, reason);
    return advance(now);
  }

  /** Before the survivors are frozen: the round ends as soon as the floor is out of reach. */
  @Nullable ServerPhase abortBelowFloor(Instant now) {
    int hopeful = state.cohort.hopeful();
    int floor = state.parameters.floor();
    if (hopeful >= floor) {
      return null;
    }
    return state.abort(
        now,
        AbortCode.NOT_ENOUGH_CLIENTS,
        hopeful
            + " of "
            + state.parameters.clients()
            + " clients left, at least "
            + floor
            + " needed");
  }

  /**
   * The round ends where a secret that is needed has fewer than t holders left. On the complete
   * graph the floor is above t.
   */
  final Optional<ServerPhase> abortBelowThreshold(
      Instant now, Roster roster, BitSet dealers, BitSet left) {
    int threshold = state.parameters.threshold();
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      int live = roster.neighbours(j).live(left);
      if (live < threshold) {
        return Optional.of(
            state.abort(
                now,
                AbortCode.NOT_ENOUGH_CLIENTS,
                live
                    + " holders of the shares of slot "
                    + roster.slot(j)
                    + " left, at least "
                    + threshold
                    + " needed"));
      }
    }
    return Optional.empty();
  }

  /** The cause stays with the coordinator's own result: its text may hold what no client may. */
  ServerPhase abortFailed(Instant now, String job, Failed failed) {
    return state.abort(
        now,
        AbortCode.INTERNAL,
        "job " + job + " failed: " + failed.cause(),
        "the coordinator failed");
  }

  /** Members of a set that are alive. */
  final BitSet alive(BitSet slots) {
    BitSet both = state.cohort.alive();
    both.and(slots);
    return both;
  }
}
