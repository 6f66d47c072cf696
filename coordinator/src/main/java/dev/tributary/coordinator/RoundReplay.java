package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tributary.coordinator.round.Round;
import dev.tributary.coordinator.round.RoundResult;
import dev.tributary.coordinator.store.RoundEvent;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Seed;
import dev.tributary.wire.Work;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings a round to where an earlier process left it, by the events that were written then. A round
 * has no clock and no randomness but its seed, so the same events make the same messages; members
 * who have seen them answer the same again, and the round takes no notice of that.
 */
final class RoundReplay {
  private final Round round;
  private final Heard heard;
  private final IntFunction<Body> inputs;
  private final List<Effect> toDo = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Work> jobs = new LinkedHashMap<>();
  private @Nullable RoundResult result;
  private int count;

  /**
   * A replay.
   *
   * @param heard takes note of the messages
   * @param inputs opens what the member of a slot uploaded
   */
  RoundReplay(Round round, Heard heard, IntFunction<Body> inputs) {
    this.round = round;
    this.heard = heard;
    this.inputs = inputs;
  }

  /** The first event of a round. */
  static RoundEvent started(Instant at, Seed seed, BitSet absent, int slots) {
    ByteString bitmap = ByteString.copyFrom(Bitmap.encode(absent, slots));
    ByteString content = ByteString.copyFrom(seed.bytes()).concat(bitmap);
    return new RoundEvent(at, RoundEvent.Kind.STARTED, 0, content);
  }

  /** The absent slots of a {@link RoundEvent.Kind#STARTED}. */
  static BitSet absent(RoundEvent started, int slots) {
    return Bitmap.decode(started.content().substring(Seed.LENGTH), slots);
  }

  /** What is to be done once all has been replayed: every message, wake-up and open job again. */
  List<Effect> run(Iterable<RoundEvent> events) {
    for (RoundEvent event : events) {
      count++;
      for (Effect effect : round.on(event.at(), event(event))) {
        note(effect);
      }
    }
    jobs.forEach((job, work) -> toDo.add(new Effect.Run(job, work)));
    return toDo;
  }

  /** How many events there were. */
  int count() {
    return count;
  }

  /** What the round has recorded: the same as before, or it is not the same round. */
  List<Entry> entries() {
    return entries;
  }

  /** How the round ended, if it did. */
  @Nullable RoundResult result() {
    return result;
  }

  private Event event(RoundEvent event) {
    return switch (event.kind()) {
      case STARTED ->
          new Event.Start(Seed.of(event.content().substring(0, Seed.LENGTH).toByteArray()));
      case RECEIVED -> received(event);
      case WOKEN -> new Event.Woken();
      case RAN -> ran(event.content().toStringUtf8());
    };
  }

  private Event received(RoundEvent event) {
    heard.note(event.slot(), event.content());
    try {
      Envelope message = Envelope.parseFrom(event.content());
      Body body = message.hasMaskedInput() ? inputs.apply(event.slot()) : null;
      return new Event.Received(event.slot(), message, body);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a message of the journal cannot be read", e);
    }
  }

  private Event ran(String job) {
    Work work = jobs.remove(job);
    if (work == null) {
      throw new IllegalStateException(
          "the journal has the end of a job that did not begin: " + job);
    }
    try {
      return new Event.Ran(job, work.run());
    } catch (Exception e) {
      return new Event.Ran(job, new Failed(e));
    }
  }

  private void note(Effect effect) {
    if (effect instanceof Effect.Run run) {
      jobs.put(run.job(), run.work());
    } else if (effect instanceof Effect.Finish finish) {
      result = (RoundResult) finish.result();
    } else if (effect instanceof Effect.Persist persist) {
      entries.add(persist.entry());
    } else {
      toDo.add(effect);
    }
  }
}
