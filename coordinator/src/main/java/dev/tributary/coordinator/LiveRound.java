package dev.tributary.coordinator;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.round.Round;
import dev.tributary.coordinator.round.RoundResult;
import dev.tributary.coordinator.store.RoundEvent;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.plan.Plan;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A round that was offered: its machine, who is in it, and its journal. Outside, members are
 * population indices; inside, slots. An event that may change it is journalled, with the entries
 * that follow from it, before what it leads to is returned.
 */
final class LiveRound {
  /** In the place of a message of somebody who says more than the protocol has to say. */
  private static final Decline TOO_MUCH = Decline.newBuilder().setCode("too-much").build();

  private final int number;
  private final Plan plan;
  private final Round round;
  private final List<Integer> cohort;
  private final Map<Integer, Integer> slots = new HashMap<>();
  private final Heard heard;
  private final TaskStore store;
  private final boolean journalled;
  private @Nullable RoundResult result;

  /**
   * A round that has not begun.
   *
   * @param cohort population indices by slot
   * @param journalled whether its events are written, so that it can be taken up again
   */
  LiveRound(
      int number,
      Plan plan,
      Round round,
      List<Integer> cohort,
      TaskStore store,
      boolean journalled) {
    this.number = number;
    this.plan = plan;
    this.round = round;
    this.cohort = List.copyOf(cohort);
    this.heard = new Heard(round.mostBytes());
    this.store = store;
    this.journalled = journalled;
    for (int slot = 0; slot < cohort.size(); slot++) {
      slots.put(cohort.get(slot), slot);
    }
  }

  int number() {
    return number;
  }

  Plan plan() {
    return plan;
  }

  ByteString session() {
    return round.session();
  }

  List<Integer> cohort() {
    return cohort;
  }

  /** How it ended; null while it runs. */
  @Nullable RoundResult result() {
    return result;
  }

  /** Whether a message of this member and session belongs here. */
  boolean hears(int member, ByteString session) {
    return session().equals(session) && slots.containsKey(member);
  }

  /** Begins; that it does was written with its reservation. */
  List<Effect> start(Instant now, Seed seed) {
    return play(now, new Event.Start(seed), null);
  }

  /** Takes a message that it hears: a repeat is not written again, and too much ends its sender. */
  List<Effect> receive(Instant now, Event.Received received) {
    int slot = slots.getOrDefault(received.from(), -1);
    Event inRound = new Event.Received(slot, received.message(), received.body());
    if (!journalled) {
      return play(now, inRound, null);
    }
    ByteString message = received.message().toByteString();
    return switch (heard.note(slot, message)) {
      case NEW -> play(now, inRound, new RoundEvent(now, RoundEvent.Kind.RECEIVED, slot, message));
      case REPEATED -> play(now, inRound, null);
      case TOO_MUCH -> {
        Envelope out = Envelope.newBuilder().setSession(session()).setDecline(TOO_MUCH).build();
        yield play(
            now,
            new Event.Received(slot, out),
            new RoundEvent(now, RoundEvent.Kind.RECEIVED, slot, out.toByteString()));
      }
      case IGNORED -> List.of();
    };
  }

  /** Takes the end of a job; of another round's nothing follows. */
  List<Effect> ran(Instant now, Event.Ran ran) {
    String prefix = number + "/";
    if (!ran.job().startsWith(prefix)) {
      return List.of();
    }
    String job = ran.job().substring(prefix.length());
    return play(
        now,
        new Event.Ran(job, ran.result()),
        new RoundEvent(now, RoundEvent.Kind.RAN, 0, ByteString.copyFromUtf8(job)));
  }

  /** Takes any other event; a time at which nothing happens is not worth a line. */
  List<Effect> woken(Instant now) {
    return play(
        now, new Event.Woken(), new RoundEvent(now, RoundEvent.Kind.WOKEN, 0, ByteString.EMPTY));
  }

  /**
   * Ends it for good; nothing of that is written, since what ends the round in the store follows.
   */
  List<Effect> stop(Instant now, Event.Stop stop) {
    return outwards(round.on(now, stop));
  }

  private List<Effect> play(Instant now, Event event, @Nullable RoundEvent line) {
    List<Effect> inRound = round.on(now, event);
    List<Entry> entries =
        inRound.stream()
            .filter(Effect.Persist.class::isInstance)
            .map(effect -> ((Effect.Persist) effect).entry())
            .toList();
    boolean idle = event instanceof Event.Woken && inRound.isEmpty();
    store.journal(number, journalled && !idle ? line : null, entries);
    return outwards(inRound);
  }

  /**
   * Takes up what an earlier process left: every message, wake-up and open job again.
   *
   * @param inputs opens what a member uploaded
   * @return how many events there were
   * @throws RuntimeException if this is not the round that the journal is of: nothing of it may be
   *     said twice then
   */
  int resume(IntFunction<Body> inputs, List<Effect> effects) {
    RoundReplay replay = new RoundReplay(round, heard, slot -> inputs.apply(cohort.get(slot)));
    List<Effect> again = replay.run(store.events(number));
    List<Entry> before = store.journal(number);
    if (!replay.entries().equals(before)) {
      throw new IllegalStateException(
          "the replay recorded "
              + replay.entries().size()
              + " entries, which are not the "
              + before.size()
              + " of the journal");
    }
    effects.addAll(outwards(again));
    result = replay.result();
    return replay.count();
  }

  /** Slots become members, jobs carry the round's number, and what is in the store stays there. */
  private List<Effect> outwards(List<Effect> inRound) {
    List<Effect> effects = new ArrayList<>(inRound.size());
    for (Effect effect : inRound) {
      if (effect instanceof Effect.Send send) {
        effects.add(new Effect.Send(cohort.get(send.to()), send.message(), send.body()));
      } else if (effect instanceof Effect.Run run) {
        effects.add(new Effect.Run(number + "/" + run.job(), run.work()));
      } else if (effect instanceof Effect.Finish finish) {
        result = (RoundResult) finish.result();
      } else if (!(effect instanceof Effect.Persist)) {
        effects.add(effect);
      }
    }
    return effects;
  }
}
