package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.Wiped;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Offer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state of the client's end, with every event that it may meet there. */
class ClientStatesTest {

  private static final int OWN = 1;
  private static final SumParameters FOUR =
      SumParameters.derive("sa1", Mode.MALICIOUS, 4, 0, 0.25, 2, 0, 8, 5);
  private static final Instant NOW = SumWorld.START.plusMillis(10);
  private static final List<KindCase> DOWN =
      List.of(
          KindCase.ROSTER, KindCase.SHARES, KindCase.SURVIVORS, KindCase.PROOF, KindCase.RESULT);

  private enum State {
    STARTED(0, "RosterPhase"),
    DEALT(1, "SharesPhase"),
    MASKED(2, "SurvivorsPhase"),
    SIGNED(3, "ProofPhase"),
    DONE(4, "DonePhase");

    private final int taken;
    private final String phase;

    State(int taken, String phase) {
      this.taken = taken;
      this.phase = phase;
    }
  }

  private static final Recording RECORDING = new Recording(FOUR, 5);
  private Machine client = RECORDING.world.freshClient(OWN);

  /** Brings a fresh client to a state; returns all that it did on the way. */
  private List<Effect> bring(State state) {
    client = RECORDING.world.freshClient(OWN);
    List<Effect> effects = new ArrayList<>(client.on(NOW, RECORDING.world.start(OWN)));
    effects.addAll(client.on(NOW, RECORDING.world.input(OWN)));
    for (KindCase kind : DOWN.subList(0, state.taken)) {
      effects.addAll(client.on(NOW, RECORDING.toClient(OWN, kind)));
    }
    assertThat(client.toString()).isEqualTo("SumClient[" + state.phase + "]");
    return effects;
  }

  private static List<Envelope> sent(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Send.class::isInstance)
        .map(effect -> ((Effect.Send) effect).message())
        .toList();
  }

  private static SumResult finished(List<Effect> effects) {
    List<Effect> ends = effects.stream().filter(Effect.Finish.class::isInstance).toList();
    assertThat(ends).hasSize(1);
    return (SumResult) ((Effect.Finish) ends.get(0)).result();
  }

  private void aborted(List<Effect> effects, String code) {
    assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
    assertThat(effects).hasSize(1);
    assertThat(finished(effects))
        .isInstanceOfSatisfying(
            SumResult.Aborted.class, result -> assertThat(result.code()).isEqualTo(code));
  }

  private Envelope of(Envelope.Builder builder) {
    return builder.setSession(ByteString.copyFrom(RECORDING.world.sid)).build();
  }

  private List<Effect> receive(Envelope message) {
    return client.on(NOW, new Event.Received(Machine.COORDINATOR, message));
  }

  @Test
  void honestMessages_getTheRecordedAnswers() {
    List<Effect> effects = bring(State.DONE);
    List<KindCase> kinds =
        List.of(
            KindCase.ADVERTISE_KEYS,
            KindCase.SHARE_KEYS,
            KindCase.MASKED_INPUT,
            KindCase.SIGNED_SURVIVORS,
            KindCase.UNMASK);
    assertThat(sent(effects))
        .containsExactlyElementsOf(kinds.stream().map(k -> RECORDING.up(OWN, k)).toList());
    assertThat(finished(effects)).isEqualTo(new SumResult.Contributed(true, List.of()));
    assertThat(effects.stream().filter(Effect.Persist.class::isInstance)).hasSize(2);
    assertThat(effects).contains(new Effect.Wake(SumWorld.START.plus(SumWorld.DEADLINE)));
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void everyMessage_inEveryState(State state) {
    for (KindCase kind : DOWN) {
      bring(state);
      List<Effect> effects = receive(RECORDING.down(OWN, kind));
      int at = DOWN.indexOf(kind);
      if (at < state.taken) {
        assertThat(effects).as("%s again in %s", kind, state).isNotEmpty();
        assertThat(sent(effects)).as("%s again in %s", kind, state).hasSameSizeAs(effects);
      } else if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else if (at == state.taken) {
        assertThat(sent(effects)).as("%s in %s", kind, state).hasSize(1);
      } else if (kind == KindCase.RESULT && (state == State.MASKED || state == State.SIGNED)) {
        assertThat(finished(effects)).isEqualTo(new SumResult.Contributed(false, List.of()));
        assertThat(sent(effects)).isEmpty();
        assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
      } else {
        aborted(effects, "PROTOCOL_VIOLATION");
        assertThat(receive(RECORDING.down(OWN, kind))).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void messagesOfNoStep_inEveryState(State state) {
    for (Envelope stray :
        List.of(
            of(Envelope.newBuilder()),
            of(Envelope.newBuilder().setOffer(Offer.getDefaultInstance())),
            of(Envelope.newBuilder().setDecline(Decline.getDefaultInstance())),
            RECORDING.up(OWN, KindCase.SHARE_KEYS),
            RECORDING.down(OWN, KindCase.ROSTER).toBuilder()
                .setSession(ByteString.copyFrom(new byte[32]))
                .build())) {
      bring(state);
      List<Effect> effects = receive(stray);
      if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else {
        aborted(effects, "PROTOCOL_VIOLATION");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void abortFromTheCoordinator_endsItAndForgetsTheAnswers(State state) {
    bring(state);
    String longest = "x".repeat(500);
    List<Effect> effects =
        receive(
            of(
                Envelope.newBuilder()
                    .setAbort(Abort.newBuilder().setCode(longest + "y").setReason(longest))));
    if (state == State.DONE) {
      assertThat(effects).isEmpty();
      return;
    }
    aborted(effects, longest);
    assertThat(((SumResult.Aborted) finished(effects)).reason()).isEqualTo(longest);
    for (KindCase kind : DOWN) {
      assertThat(receive(RECORDING.down(OWN, kind))).as("%s after the end", kind).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void secondMessageOfAKind_ends(State state) {
    for (KindCase kind : DOWN.subList(0, Math.min(3, state.taken))) {
      bring(state);
      Envelope other =
          switch (kind) {
            case ROSTER ->
                of(
                    RECORDING.down(OWN, kind).toBuilder()
                        .setRoster(
                            RECORDING.down(OWN, kind).getRoster().toBuilder().removeMembers(0)));
            case SHARES -> of(RECORDING.down(0, kind).toBuilder());
            default ->
                of(
                    RECORDING.down(OWN, kind).toBuilder()
                        .setSurvivors(
                            dev.tributary.wire.v1.Survivors.newBuilder()
                                .setSurvivors(ByteString.copyFrom(new byte[] {7}))));
          };
      List<Effect> effects = receive(other);
      if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else {
        aborted(effects, "PROTOCOL_VIOLATION");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void othersThanTheCoordinator_areNotHeard(State state) {
    bring(state);
    assertThat(client.on(NOW, new Event.Received(2, RECORDING.down(OWN, KindCase.ROSTER))))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void timeAndStop_inEveryState(State state) {
    bring(state);
    Instant end = SumWorld.START.plus(SumWorld.DEADLINE);
    assertThat(client.on(end.minusMillis(1), new Event.Woken())).isEmpty();
    List<Effect> effects = client.on(end, new Event.Woken());
    bring(state);
    List<Effect> stopped = client.on(NOW, new Event.Stop("enough"));
    if (state == State.DONE) {
      assertThat(effects).isEmpty();
      assertThat(stopped).isEmpty();
    } else {
      aborted(effects, "DEADLINE");
      aborted(stopped, "STOPPED");
      Object ended = Wiped.value(client, "state");
      assertThat(Wiped.value(ended, "input")).isNull();
      assertThat(Wiped.value(ended, "dealer")).isNull();
      assertThat(Wiped.value(ended, "holdings")).isNull();
    }
  }

  @Test
  void events_thatNoStateTakes_areFaultsOfTheShell() {
    assertThat(client.toString()).isEqualTo("SumClient[idle]");
    assertThatThrownBy(() -> client.on(NOW, new Event.Woken()))
        .isInstanceOf(IllegalStateException.class);
    bring(State.DEALT);
    assertThatThrownBy(() -> client.on(NOW, RECORDING.world.start(OWN)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> client.on(NOW, new Event.Ran("job", "result")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.on(NOW, RECORDING.world.input(OWN)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void inputOfAnotherRing_isRefused() {
    client.on(NOW, RECORDING.world.start(OWN));
    for (RingVector other : List.of(RingVector.of(8, new int[4]), RingVector.of(9, new int[5]))) {
      assertThatThrownBy(() -> client.on(NOW, new Event.Input(other)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Z_2^8[5]");
    }
  }

  @Test
  void inputAfterTheShares_isMaskedThen_andARepeatGetsIt() {
    client.on(NOW, RECORDING.world.start(OWN));
    client.on(NOW, RECORDING.toClient(OWN, KindCase.ROSTER));
    assertThat(client.on(NOW, RECORDING.toClient(OWN, KindCase.SHARES))).isEmpty();
    List<Effect> effects = client.on(NOW, RECORDING.world.input(OWN));
    assertThat(sent(effects)).containsExactly(RECORDING.up(OWN, KindCase.MASKED_INPUT));
    assertThat(effects.get(0)).isInstanceOf(Effect.Persist.class);
    assertThat(sent(client.on(NOW, RECORDING.toClient(OWN, KindCase.SHARES))))
        .containsExactly(RECORDING.up(OWN, KindCase.MASKED_INPUT));
  }

  /** While the input is awaited shares are still the phase's kind of message, but not a second. */
  @Test
  void otherSharesBeforeTheInput_end() {
    client = RECORDING.world.freshClient(OWN);
    client.on(NOW, RECORDING.world.start(OWN));
    client.on(NOW, RECORDING.toClient(OWN, KindCase.ROSTER));
    client.on(NOW, RECORDING.toClient(OWN, KindCase.SHARES));
    Envelope.Builder fewer = RECORDING.down(OWN, KindCase.SHARES).toBuilder();
    ByteString sealed = fewer.getShares().getCiphertexts();
    fewer
        .getSharesBuilder()
        .setSharers(ByteString.copyFrom(new byte[] {0b0111}))
        .setCiphertexts(sealed.substring(0, sealed.size() / 3 * 2));
    aborted(receive(fewer.build()), "PROTOCOL_VIOLATION");
  }

  @Test
  void doneClient_holdsNoShareOrKey() {
    client.on(NOW, RECORDING.world.start(OWN));
    client.on(NOW, RECORDING.world.input(OWN));
    client.on(NOW, RECORDING.toClient(OWN, KindCase.ROSTER));
    Object state = Wiped.value(client, "state");
    Object dealer = Wiped.value(state, "dealer");
    assertThat(dealer.toString()).isEqualTo("Dealer[redacted]");
    Wiped.assertNotZero(dealer, "ownSelfShare");
    client.on(NOW, RECORDING.toClient(OWN, KindCase.SHARES));
    Object holdings = Wiped.value(state, "holdings");
    assertThat(holdings.toString()).isEqualTo("Holdings[3 dealers, redacted]");
    Wiped.assertNotZero(holdings, "ownSelfShare");
    client.on(NOW.plus(Duration.ofDays(1)), new Event.Woken());
    Wiped.assertZero(holdings, "ownSelfShare");
    Wiped.assertZero(dealer, "ownSelfShare");
    assertThat(holdings.toString()).isEqualTo("Holdings[0 dealers, redacted]");
  }
}
