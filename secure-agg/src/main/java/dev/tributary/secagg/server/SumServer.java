package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's machine of one session. It rejects strangers and other sessions without a
 * change of state, answers a byte-identical repeat with the bytes of before, drops whoever sends
 * two different messages in a step or one of another step, and hands the rest to its phase.
 */
public final class SumServer implements Machine {

  private final ServerState state;
  private final Function<ServerState, ServerPhase> first;
  private @Nullable ServerPhase phase;

  private SumServer(SumSession session, Function<ServerState, ServerPhase> first) {
    this.state = new ServerState(session);
    this.first = first;
  }

  /** The machine of SA1. */
  public static SumServer sa1(SumSession session) {
    return new SumServer(session, AdvertisePhase::new);
  }

  /** The machine of the sum without protection, for {@code secagg.insecure} alone. */
  public static SumServer insecurePlain(SumSession session) {
    return new SumServer(session, PlainInputPhase::new);
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (event instanceof Event.Start start) {
      if (phase != null) {
        throw new IllegalStateException("a machine starts once");
      }
      state.start(start.seed());
      go(now, first.apply(state));
    } else if (phase == null) {
      throw new IllegalStateException("the first event is Start. Provided: " + event);
    } else {
      go(now, next(now, phase, event));
    }
    return state.takeEffects();
  }

  private ServerPhase next(Instant now, ServerPhase current, Event event) {
    if (current instanceof EndedPhase) {
      return current;
    }
    if (event instanceof Event.Received received) {
      return received(now, current, received);
    }
    if (event instanceof Event.Ran ran) {
      return ran(now, current, ran.job(), ran.result());
    }
    if (event instanceof Event.Woken) {
      return current.step().isEmpty() || now.isBefore(deadline(current))
          ? current
          : current.expire(now);
    }
    if (event instanceof Event.Stop stop) {
      return state.abort(now, AbortCode.STOPPED, stop.reason());
    }
    throw new IllegalArgumentException("the coordinator's end takes no " + event);
  }

  private Instant deadline(ServerPhase current) {
    return state.session.schedule().endOf(current.step());
  }

  private ServerPhase received(Instant now, ServerPhase current, Event.Received received) {
    int slot = received.from();
    Envelope message = received.message();
    if (!state.cohort.contains(slot)
        || !message.getSession().equals(state.sid)
        || !state.cohort.isAlive(slot)) {
      return current;
    }
    Body body = received.body();
    state.log.up(message, body);
    Envelope.KindCase kind = message.getKindCase();
    if (kind == Envelope.KindCase.DECLINE || kind == Envelope.KindCase.ABORT) {
      return current.dropAndAdvance(now, slot, DropReason.DECLINED);
    }
    ByteString digest = ByteString.copyFrom(Labels.sha256(message.toByteArray()));
    ByteString before = state.handled(kind, slot);
    if (digest.equals(before)) {
      current.repeated(slot, kind);
      return current;
    }
    if (before == null && kind == current.awaited()) {
      state.remember(kind, slot, digest);
      return current.accept(now, slot, message, body);
    }
    if (before == null && current.isLate(kind)) {
      return current;
    }
    return current.dropAndAdvance(now, slot, DropReason.EQUIVOCATION);
  }

  private ServerPhase ran(Instant now, ServerPhase current, String job, Object result) {
    if (job.startsWith(InputPhase.FOLD)) {
      state.foldEnded();
      return result instanceof Failed failed
          ? current.abortFailed(now, job, failed)
          : current.advance(now);
    }
    if (job.startsWith(InputPhase.CHECK) && !(current instanceof InputPhase)) {
      return current;
    }
    return current.ran(now, job, result);
  }

  private void go(Instant now, ServerPhase target) {
    ServerPhase next = target;
    while (next != phase) {
      if (next instanceof EndedPhase && phase != null) {
        phase.ended();
      }
      phase = next;
      if (!next.step().isEmpty()) {
        state.log.begin(next.step(), now);
        state.wake(deadline(next));
      }
      next = next.enter(now);
    }
  }

  @Override
  public String toString() {
    return "SumServer[" + (phase == null ? "created" : phase.getClass().getSimpleName()) + "]";
  }
}
