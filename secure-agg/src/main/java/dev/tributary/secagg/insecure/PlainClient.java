package dev.tributary.secagg.insecure;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.AbortCode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.MaskedInput;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A client of the sum without protection: it sends its vector as it is, and is done. */
final class PlainClient implements Machine {

  private final SumSession session;
  private boolean ended;

  PlainClient(SumSession session) {
    this.session = session;
  }

  @Override
  public List<Effect> on(Instant now, Event event) {
    if (ended) {
      return List.of();
    }
    if (event instanceof Event.Start) {
      return List.of(new Effect.Wake(session.schedule().end()));
    }
    if (event instanceof Event.Input input) {
      return send(input.vector());
    }
    if (event instanceof Event.Woken && !now.isBefore(session.schedule().end())) {
      return abort(AbortCode.DEADLINE.name(), "no input by " + session.schedule().end());
    }
    if (event instanceof Event.Stop stop) {
      return abort(AbortCode.STOPPED.name(), stop.reason());
    }
    if (event instanceof Event.Received received && received.message().hasAbort()) {
      Abort abort = received.message().getAbort();
      return abort(abort.getCode(), abort.getReason());
    }
    return List.of();
  }

  private List<Effect> send(RingVector vector) {
    SumParameters p = session.parameters();
    if (vector.length() != p.length() || vector.bits() != p.ringBits()) {
      throw new IllegalArgumentException(
          "the input must be Z_2^" + p.ringBits() + "[" + p.length() + "]. Provided: " + vector);
    }
    ended = true;
    byte[] packed = RingPacking.pack(vector);
    ByteString sid = ByteString.copyFrom(session.sid());
    MaskedInput header =
        MaskedInput.newBuilder()
            .setLength(packed.length)
            .setSha256(ByteString.copyFrom(Labels.sha256(packed)))
            .build();
    return List.of(
        new Effect.Persist(new Entry(Entry.Kind.CONTRIBUTED, sid)),
        new Effect.Send(
            COORDINATOR,
            Envelope.newBuilder().setSession(sid).setMaskedInput(header).build(),
            Body.of(packed)),
        new Effect.Finish(new SumResult.Contributed(true, List.of())));
  }

  private List<Effect> abort(String code, String reason) {
    ended = true;
    return List.of(
        new Effect.Finish(new SumResult.Aborted(code, reason, Map.of(), false, List.of())));
  }
}
