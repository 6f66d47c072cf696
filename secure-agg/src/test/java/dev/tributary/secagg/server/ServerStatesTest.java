package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every state of the coordinator's end, with every event that it may meet there. Members 0, 2 and 3
 * have answered each step; member 1 is the one that is looked at.
 */
class ServerStatesTest {

  private static final int SLOT = 1;
  private static final SumParameters FOUR =
      SumParameters.derive("sa1", Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5);
  private static final List<KindCase> UP =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.UNMASK);

  private enum State {
    ADVERTISING(0, "AdvertisePhase", DropReason.NO_KEYS),
    SHARING(1, "SharePhase", DropReason.NO_SHARES),
    INPUT(2, "MaskedInputPhase", DropReason.NO_INPUT);

    private final int done;
    private final String phase;
    private final DropReason silent;

    State(int done, String phase, DropReason silent) {
      this.done = done;
      this.phase = phase;
      this.silent = silent;
    }
  }

  private final Recording recording = new Recording(FOUR, 6);
  private Machine server = recording.world.freshServer();
  private final List<Effect> effects = new ArrayList<>();

  /** Hands over an event, runs the jobs it asks for, and keeps all other effects. */
  private List<Effect> on(Instant now, Event event) {
    List<Effect> all = new ArrayList<>();
    Deque<Event> events = new ArrayDeque<>(List.of(event));
    while (!events.isEmpty()) {
      for (Effect effect : server.on(now, events.remove())) {
        if (effect instanceof Effect.Run run) {
          events.add(new Event.Ran(run.job(), result(run)));
        } else {
          all.add(effect);
        }
      }
    }
    effects.addAll(all);
    return all;
  }

  private static Object result(Effect.Run run) {
    try {
      return run.work().run();
    } catch (Exception e) {
      return new Failed(e);
    }
  }

  private List<Effect> on(Event event) {
    return on(SumWorld.START, event);
  }

  /** Brings a fresh coordinator to a state. */
  private void bring(State state) {
    server = recording.world.freshServer();
    on(recording.world.start(Machine.COORDINATOR));
    for (int step = 0; step <= state.done; step++) {
      for (int slot = 0; slot < 4; slot++) {
        if (step < state.done || slot != SLOT) {
          on(recording.toServer(slot, UP.get(step)));
        }
      }
    }
    assertThat(server.toString()).isEqualTo("SumServer[" + state.phase + "]");
    effects.clear();
  }

  private static List<Envelope> sentTo(int slot, List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Send.class::isInstance)
        .map(Effect.Send.class::cast)
        .filter(send -> send.to() == slot)
        .map(Effect.Send::message)
        .toList();
  }

  private SumResult result() {
    List<Effect> ends = effects.stream().filter(Effect.Finish.class::isInstance).toList();
    assertThat(ends).hasSize(1);
    return (SumResult) ((Effect.Finish) ends.get(0)).result();
  }

  private static void dropped(List<Effect> effects, DropReason reason) {
    List<Envelope> told = sentTo(SLOT, effects);
    assertThat(told).as("%s", effects).isNotEmpty();
    assertThat(told.get(0).getAbort().getCode()).isEqualTo(reason.name());
    assertThat(told.get(0).getAbort().getReason()).isEqualTo("left out of the round");
  }

  @Test
  void honestMessages_giveTheSum_andTheRecordedMessages() {
    on(recording.world.start(Machine.COORDINATOR));
    for (KindCase kind : UP) {
      for (int slot = 0; slot < 4; slot++) {
        on(recording.toServer(slot, kind));
      }
    }
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(recording.world.plainSum(sum.survivors()));
    for (KindCase kind : List.of(KindCase.ROSTER, KindCase.SHARES, KindCase.SURVIVORS)) {
      assertThat(sentTo(SLOT, effects)).contains(recording.down(SLOT, kind));
    }
    assertThat(sum.steps())
        .extracting(step -> step.name())
        .containsExactly("advertise", "share", "input", "sign", "unmask");
    long down =
        effects.stream()
            .filter(Effect.Send.class::isInstance)
            .mapToLong(e -> ((Effect.Send) e).message().getSerializedSize())
            .sum();
    // The result goes out after the last step.
    assertThat(sum.steps().stream().mapToLong(step -> step.bytesDown()).sum())
        .isLessThanOrEqualTo(down)
        .isGreaterThan(down - 4 * 100);
    assertThat(sum.steps().get(2).bytesUp())
        .as("headers and packed vectors")
        .isEqualTo(
            java.util.stream.IntStream.range(0, 4)
                .mapToLong(s -> recording.up(s, KindCase.MASKED_INPUT).getSerializedSize() + 5L)
                .sum());
    assertThat(server.toString()).isEqualTo("SumServer[EndedPhase]");
    effects.clear();
    for (KindCase kind : UP) {
      assertThat(on(recording.toServer(SLOT, kind))).as("%s after the end", kind).isEmpty();
    }
    assertThat(on(new Event.Stop("late"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void everyMessage_inEveryState(State state) {
    for (KindCase kind : UP) {
      bring(state);
      List<Effect> answer = on(recording.toServer(SLOT, kind));
      int at = UP.indexOf(kind);
      if (at < state.done - 1) {
        assertThat(answer).as("%s again in %s", kind, state).isEmpty();
      } else if (at == state.done - 1) {
        KindCase resent = state == State.SHARING ? KindCase.ROSTER : KindCase.SHARES;
        assertThat(sentTo(SLOT, answer)).containsExactly(recording.down(SLOT, resent));
        assertThat(answer).hasSize(1);
      } else if (at == state.done) {
        assertThat(server.toString()).as("goes on").doesNotContain(state.phase);
      } else {
        dropped(answer, DropReason.EQUIVOCATION);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void strangersAndOtherSessions_inEveryState(State state) {
    bring(state);
    Envelope right = recording.up(SLOT, UP.get(state.done));
    for (int slot : new int[] {-2, 4, 1 << 20}) {
      assertThat(on(new Event.Received(slot, right))).isEmpty();
    }
    Envelope other = right.toBuilder().setSession(ByteString.copyFrom(new byte[32])).build();
    assertThat(on(new Event.Received(SLOT, other))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void decline_inEveryState_goesOnWithoutTheMember(State state) {
    bring(state);
    Envelope decline =
        recording.up(SLOT, KindCase.SHARE_KEYS).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build();
    List<Effect> answer = on(new Event.Received(SLOT, decline));
    assertThat(sentTo(SLOT, answer)).as("it has gone by itself").isEmpty();
    assertThat(server.toString()).doesNotContain(state.phase);
    assertThat(on(recording.toServer(SLOT, UP.get(state.done)))).as("gone").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void time_inEveryState_dropsTheSilent(State state) {
    bring(state);
    assertThat(on(new Event.Woken())).as("too early").isEmpty();
    List<Effect> answer = on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    dropped(answer, state.silent);
    assertThat(server.toString()).doesNotContain(state.phase);
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void stop_inEveryState_tellsEverybody(State state) {
    bring(state);
    on(new Event.Stop("enough"));
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("STOPPED");
    assertThat(aborted.reason()).isEqualTo("enough");
    assertThat(aborted.unmaskingAnswered()).isFalse();
    assertThat(aborted.steps()).hasSize(state.done + 1);
    for (int slot = 0; slot < 4; slot++) {
      assertThat(sentTo(slot, effects)).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void twoMembersGone_isBelowTheFloor(State state) {
    bring(state);
    Envelope decline =
        recording.up(SLOT, KindCase.SHARE_KEYS).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build();
    if (state == State.INPUT) {
      return; // What was accepted stays in the sum.
    }
    on(new Event.Received(0, decline));
    on(new Event.Received(SLOT, decline));
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.reason()).isEqualTo("2 of 4 clients left, at least 3 needed");
    assertThat(aborted.dropped())
        .isEqualTo(Map.of(0, DropReason.DECLINED, SLOT, DropReason.DECLINED));
  }

  /** The quorum of three ends the signing, three answers the unmasking. */
  @Test
  void signingAndUnmasking_endWithTheThird_andTheFourthIsLate() {
    bring(State.INPUT);
    on(recording.toServer(SLOT, KindCase.MASKED_INPUT));
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
    assertThat(sentTo(SLOT, on(recording.toServer(SLOT, KindCase.MASKED_INPUT))))
        .containsExactly(recording.down(SLOT, KindCase.SURVIVORS));
    on(recording.toServer(0, KindCase.SIGNED_SURVIVORS));
    on(recording.toServer(2, KindCase.SIGNED_SURVIVORS));
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
    on(recording.toServer(3, KindCase.SIGNED_SURVIVORS));
    assertThat(server.toString()).isEqualTo("SumServer[UnmaskPhase]");
    assertThat(on(recording.toServer(SLOT, KindCase.SIGNED_SURVIVORS))).as("late").isEmpty();
    List<Envelope> again = sentTo(0, on(recording.toServer(0, KindCase.SIGNED_SURVIVORS)));
    assertThat(again).singleElement().satisfies(m -> assertThat(m.hasProof()).isTrue());
    assertThat(again.get(0).getProof().getSignaturesList())
        .extracting(s -> s.getIndex())
        .containsExactly(0, 2, 3);
    effects.clear();
    on(recording.toServer(0, KindCase.UNMASK));
    assertThat(effects.stream().filter(Effect.Persist.class::isInstance)).hasSize(1);
    on(recording.toServer(2, KindCase.UNMASK));
    assertThat(effects.stream().filter(Effect.Persist.class::isInstance)).hasSize(1);
    assertThat(effects.stream().filter(Effect.Finish.class::isInstance)).isEmpty();
    on(recording.toServer(3, KindCase.UNMASK));
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(sum.dropped()).isEmpty();
    assertThat(sum.survivors().cardinality()).isEqualTo(4);
    for (int slot = 0; slot < 4; slot++) {
      assertThat(sentTo(slot, effects)).last().satisfies(m -> assertThat(m.hasResult()).isTrue());
    }
  }

  @Test
  void signatureMissing_atTheDeadline_dropsAndAborts() {
    bring(State.INPUT);
    on(recording.toServer(SLOT, KindCase.MASKED_INPUT));
    on(recording.toServer(0, KindCase.SIGNED_SURVIVORS));
    on(recording.toServer(2, KindCase.SIGNED_SURVIVORS));
    effects.clear();
    List<Effect> answer = on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    dropped(answer, DropReason.NO_SIGNATURE);
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.reason()).isEqualTo("at most 2 of 3 survivor signatures can come");
    assertThat(aborted.unmaskingAnswered()).isFalse();
  }

  @Test
  void answerMissing_atTheDeadline_dropsAndAborts() {
    bring(State.INPUT);
    on(recording.toServer(SLOT, KindCase.MASKED_INPUT));
    for (int slot = 0; slot < 4; slot++) {
      on(recording.toServer(slot, KindCase.SIGNED_SURVIVORS));
    }
    on(recording.toServer(0, KindCase.UNMASK));
    on(recording.toServer(2, KindCase.UNMASK));
    effects.clear();
    List<Effect> answer = on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    dropped(answer, DropReason.NO_ANSWER);
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.reason()).startsWith("fewer than 3 shares of the secret of slot 0");
    assertThat(aborted.unmaskingAnswered()).isTrue();
  }

  @Test
  void jobsThatFail_endTheRoundWithTheirCause() {
    bring(State.INPUT);
    List<Effect> started = server.on(SumWorld.START, recording.toServer(SLOT, UP.get(2)));
    Effect.Run check = (Effect.Run) started.get(0);
    on(new Event.Ran("fold/" + SLOT, new Failed(new java.io.IOException("disk"))));
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("INTERNAL");
    assertThat(aborted.reason()).contains("fold/1").contains("disk");
    assertThat(check.job()).isEqualTo("input/" + SLOT);
  }

  @Test
  void checkThatFails_dropsItsMember() {
    bring(State.INPUT);
    server.on(SumWorld.START, recording.toServer(SLOT, UP.get(2)));
    List<Effect> answer =
        on(new Event.Ran("input/" + SLOT, new Failed(new java.io.IOException("disk"))));
    dropped(answer, DropReason.INVALID_MASKED_INPUT);
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
  }

  @Test
  void events_thatNoStateTakes_areFaultsOfTheShell() {
    assertThat(server.toString()).isEqualTo("SumServer[created]");
    assertThatThrownBy(() -> server.on(SumWorld.START, new Event.Woken()))
        .isInstanceOf(IllegalStateException.class);
    bring(State.ADVERTISING);
    assertThatThrownBy(() -> server.on(SumWorld.START, recording.world.start(Machine.COORDINATOR)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> server.on(SumWorld.START, recording.world.input(0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
