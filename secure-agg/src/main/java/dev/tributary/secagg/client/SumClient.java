package dev.tributary.secagg.client;

import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumSession;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's machine of one session. A byte-identical repeat gets the bytes of before; a message
 * that is not valid now, of another session, or a second one of a kind ends the session without an
 * answer. A second proof, for another set, gets nothing.
 */
public final class SumClient implements Machine {

  private static final int LONGEST_REASON = 500;

  private final SumSession session;
  private @Nullable ClientState state;
  private @Nullable ClientPhase phase;

  /** The machine of SA1 at a client. */
  public SumClient(SumSession session) {
    this.session = session;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    List<Effect> first = new ArrayList<>();
    if (event instanceof Event.Start start) {
      if (state != null) {
        throw new IllegalStateException("a machine starts once");
      }
      state = new ClientState(session, new ClientSecrets(start.seed()));
      phase = new RosterPhase(state);
      first.add(new Effect.Wake(session.schedule().end()));
    } else if (state == null || phase == null) {
      throw new IllegalStateException("the first event is Start. Provided: " + event);
    } else {
      phase = next(now, state, phase, event);
    }
    return state.takeEffects(first);
  }

  private ClientPhase next(Instant now, ClientState s, ClientPhase current, Event event) {
    if (event instanceof Event.Received received) {
      return received.from() == COORDINATOR
          ? received(now, s, current, received.message())
          : current;
    }
    if (current instanceof DonePhase) {
      return current;
    }
    if (event instanceof Event.Input input) {
      s.setInput(input.vector());
      return current.inputArrived();
    }
    if (event instanceof Event.Woken) {
      return now.isBefore(session.schedule().end())
          ? current
          : s.abort(AbortCode.DEADLINE, "not over by " + session.schedule().end());
    }
    if (event instanceof Event.Stop stop) {
      return s.abort(AbortCode.STOPPED, stop.reason());
    }
    throw new IllegalArgumentException("the client's end takes no " + event);
  }

  private static ClientPhase received(
      Instant now, ClientState s, ClientPhase current, Envelope message) {
    Envelope.KindCase kind = message.getKindCase();
    ClientState.Handled before = s.handled(kind);
    if (before != null && before.message().equals(message)) {
      s.resend(before);
      return current;
    }
    if (current instanceof DonePhase) {
      return current;
    }
    if (!message.getSession().equals(s.sid)) {
      return s.abort(AbortCode.PROTOCOL_VIOLATION, "a message of another session");
    }
    if (kind == Envelope.KindCase.ABORT) {
      Abort abort = message.getAbort();
      return s.aborted(cut(abort.getCode()), cut(abort.getReason()));
    }
    if (kind == Envelope.KindCase.RESULT && current.mayEnd()) {
      return s.contributed(false);
    }
    if (kind != current.awaited() || before != null) {
      return s.abort(AbortCode.PROTOCOL_VIOLATION, "unexpected " + kind);
    }
    ClientPhase next = current.accept(now, message);
    if (!(next instanceof DonePhase) || kind == Envelope.KindCase.PROOF) {
      s.remember(message);
    }
    return next;
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON);
  }

  @Override
  public String toString() {
    return "SumClient[" + (phase == null ? "idle" : phase.getClass().getSimpleName()) + "]";
  }
}
