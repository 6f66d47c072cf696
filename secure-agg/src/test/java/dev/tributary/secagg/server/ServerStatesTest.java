package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.SumSession;
import dev.tributary.secagg.TrustAnchors;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Body;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Abort;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.MaskedInput;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
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

  private static final Recording RECORDING = new Recording(FOUR, 6);
  private Machine server = RECORDING.world.freshServer();
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
    server = RECORDING.world.freshServer();
    on(RECORDING.world.start(Machine.COORDINATOR));
    for (int step = 0; step <= state.done; step++) {
      for (int slot = 0; slot < 4; slot++) {
        if (step < state.done || slot != SLOT) {
          on(RECORDING.toServer(slot, UP.get(step)));
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
    on(RECORDING.world.start(Machine.COORDINATOR));
    for (KindCase kind : UP) {
      for (int slot = 0; slot < 4; slot++) {
        on(RECORDING.toServer(slot, kind));
      }
    }
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    for (KindCase kind : List.of(KindCase.ROSTER, KindCase.SHARES, KindCase.SURVIVORS)) {
      assertThat(sentTo(SLOT, effects)).contains(RECORDING.down(SLOT, kind));
    }
    assertThat(sum.steps())
        .extracting(step -> step.name())
        .containsExactly("advertise", "share", "input", "sign", "unmask");
    List<Entry.Kind> kept =
        effects.stream()
            .filter(Effect.Persist.class::isInstance)
            .map(effect -> ((Effect.Persist) effect).entry().kind())
            .toList();
    assertThat(kept)
        .containsExactly(
            Entry.Kind.INPUT_ACCEPTED,
            Entry.Kind.INPUT_ACCEPTED,
            Entry.Kind.INPUT_ACCEPTED,
            Entry.Kind.INPUT_ACCEPTED,
            Entry.Kind.SURVIVORS_FROZEN,
            Entry.Kind.UNMASKING_ANSWERED);
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
                .mapToLong(s -> RECORDING.up(s, KindCase.MASKED_INPUT).getSerializedSize() + 5L)
                .sum());
    assertThat(server.toString()).isEqualTo("SumServer[EndedPhase]");
    effects.clear();
    for (KindCase kind : UP) {
      assertThat(on(RECORDING.toServer(SLOT, kind))).as("%s after the end", kind).isEmpty();
    }
    assertThat(on(new Event.Stop("late"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void everyMessage_inEveryState(State state) {
    for (KindCase kind : UP) {
      bring(state);
      List<Effect> answer = on(RECORDING.toServer(SLOT, kind));
      int at = UP.indexOf(kind);
      if (at < state.done - 1) {
        assertThat(answer).as("%s again in %s", kind, state).isEmpty();
      } else if (at == state.done - 1) {
        KindCase resent = state == State.SHARING ? KindCase.ROSTER : KindCase.SHARES;
        assertThat(sentTo(SLOT, answer)).containsExactly(RECORDING.down(SLOT, resent));
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
    Envelope right = RECORDING.up(SLOT, UP.get(state.done));
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
        RECORDING.up(SLOT, KindCase.SHARE_KEYS).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build();
    List<Effect> answer = on(new Event.Received(SLOT, decline));
    assertThat(sentTo(SLOT, answer)).as("it has gone by itself").isEmpty();
    assertThat(server.toString()).doesNotContain(state.phase);
    assertThat(on(RECORDING.toServer(SLOT, UP.get(state.done)))).as("gone").isEmpty();
  }

  /** A client that ends by its own rules says so, and is gone as if it had declined. */
  @ParameterizedTest
  @EnumSource(State.class)
  void abortOfAClient_inEveryState_goesOnWithoutTheMember(State state) {
    bring(state);
    Envelope abort =
        RECORDING.up(SLOT, KindCase.SHARE_KEYS).toBuilder()
            .setAbort(Abort.newBuilder().setCode("NO"))
            .build();
    List<Effect> answer = on(new Event.Received(SLOT, abort));
    assertThat(sentTo(SLOT, answer)).as("it has gone by itself").isEmpty();
    assertThat(server.toString()).doesNotContain(state.phase);
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void time_inEveryState_dropsTheSilent(State state) {
    bring(state);
    assertThat(on(new Event.Woken())).as("too early").isEmpty();
    List<Effect> answer = on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    dropped(answer, state.silent);
    for (int slot : new int[] {0, 2, 3}) {
      assertThat(sentTo(slot, answer)).as("has answered").noneMatch(Envelope::hasAbort);
    }
    String next = List.of("SharePhase", "MaskedInputPhase", "SignPhase").get(state.done);
    assertThat(server).hasToString("SumServer[" + next + "]");
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
        RECORDING.up(SLOT, KindCase.SHARE_KEYS).toBuilder()
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
    assertThat(server).hasToString("SumServer[EndedPhase]");
    assertThat(aborted.dropped())
        .isEqualTo(Map.of(0, DropReason.DECLINED, SLOT, DropReason.DECLINED));
  }

  /** Each well signed by its member. */
  @Test
  void keysOfOtherLengths_orOfAnotherSuite_orWeak_orAnothers_areInvalid() {
    AdvertiseKeys others = RECORDING.up(2, KindCase.ADVERTISE_KEYS).getAdvertiseKeys();
    List<UnaryOperator<AdvertiseKeys.Builder>> changes =
        List.of(
            k -> k.setIdentityKey(others.getIdentityKey()),
            k -> k.setCertificate(others.getCertificate()),
            k -> k.clearCertificate(),
            k -> k.setChannelKey(k.getChannelKey().substring(1)),
            k -> k.setChannelKey(bytes(32)),
            k -> k.setChannelKey(others.getMaskKey()),
            k -> k.setMaskKey(k.getMaskKey().concat(bytes(1))),
            k -> k.setMaskKey(bytes(32)),
            k -> k.setMaskKey(k.getChannelKey()),
            k -> k.setMaskKemKey(bytes(1184)),
            k -> k.setChannelKemKey(bytes(1184)),
            k -> k.setSelfCommitment(k.getSelfCommitment().substring(1)),
            k -> k.setSelfCommitment(k.getSelfCommitment().concat(bytes(1))),
            k -> k.clearClientNonce(),
            k -> k.setClientNonce(k.getClientNonce().concat(bytes(1))));
    for (UnaryOperator<AdvertiseKeys.Builder> change : changes) {
      bring(State.ADVERTISING);
      AdvertiseKeys.Builder bad =
          change.apply(
              RECORDING.up(SLOT, KindCase.ADVERTISE_KEYS).getAdvertiseKeys().toBuilder()
                  .clearSignature());
      byte[] signed = Transcript.of(RECORDING.world.sid).advertise(bad.build());
      bad.setSignature(ByteString.copyFrom(RECORDING.world.identities[SLOT].signLabelled(signed)));
      Envelope message =
          RECORDING.up(SLOT, KindCase.ADVERTISE_KEYS).toBuilder().setAdvertiseKeys(bad).build();
      dropped(on(new Event.Received(SLOT, message)), DropReason.INVALID_PUBLIC_KEY);
      assertThat(server).hasToString("SumServer[SharePhase]");
    }
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  /** An identity in the plan that is no point signs nothing, whatever it advertises. */
  @Test
  void identityKeyOfThePlan_thatIsNoPoint_isInvalid() {
    byte[] noPoint = new byte[32];
    Arrays.fill(noPoint, (byte) 0xFF);
    SumWorld world = RECORDING.world;
    List<byte[]> identities = new ArrayList<>();
    for (int slot = 0; slot < 4; slot++) {
      identities.add(slot == SLOT ? noPoint : world.identities[slot].publicKey());
    }
    server =
        SumServer.sa1(
            SumSession.coordinator(
                FOUR,
                world.sid,
                identities,
                TrustAnchors.trustOnFirstUse().verifier(),
                Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(FOUR))));
    on(world.start(Machine.COORDINATOR));
    Envelope.Builder message = RECORDING.up(SLOT, KindCase.ADVERTISE_KEYS).toBuilder();
    message.getAdvertiseKeysBuilder().setIdentityKey(ByteString.copyFrom(noPoint));
    dropped(on(new Event.Received(SLOT, message.build())), DropReason.INVALID_PUBLIC_KEY);
  }

  private Event leaves(int slot) {
    return new Event.Received(
        slot,
        RECORDING.up(slot, KindCase.SHARE_KEYS).toBuilder()
            .setDecline(Decline.newBuilder().setCode("NO"))
            .build());
  }

  @Test
  void twoLeaveBeforeTheirInputs_isBelowTheFloor() {
    bring(State.SHARING);
    on(RECORDING.toServer(SLOT, KindCase.SHARE_KEYS));
    on(leaves(0));
    assertThat(server).hasToString("SumServer[MaskedInputPhase]");
    on(leaves(SLOT));
    assertThat(((SumResult.Aborted) result()).reason())
        .isEqualTo("2 of 4 clients left, at least 3 needed");
    assertThat(server).hasToString("SumServer[EndedPhase]");
  }

  /** A signature counts whatever becomes of its signer; three are needed. */
  @Test
  void signatureOfOneThatLeft_stillCounts() {
    bring(State.INPUT);
    on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT));
    on(RECORDING.toServer(0, KindCase.SIGNED_SURVIVORS));
    on(leaves(0));
    on(leaves(SLOT));
    assertThat(server).hasToString("SumServer[SignPhase]");
    on(RECORDING.toServer(2, KindCase.SIGNED_SURVIVORS));
    effects.clear();
    on(RECORDING.toServer(3, KindCase.SIGNED_SURVIVORS));
    assertThat(sentTo(2, effects).get(0).getProof().getSignaturesList())
        .extracting(signature -> signature.getIndex())
        .containsExactly(0, 2, 3);
  }

  @Test
  void memberThatLeavesAfterItsKeys_isInNoRoster() {
    bring(State.ADVERTISING);
    assertThat(on(leaves(2))).as("one is still awaited").isEmpty();
    List<Envelope> told = sentTo(0, on(RECORDING.toServer(SLOT, KindCase.ADVERTISE_KEYS)));
    assertThat(told).hasSize(1);
    assertThat(told.get(0).getRoster().getMembersList())
        .containsExactly(
            RECORDING.up(0, KindCase.ADVERTISE_KEYS).getAdvertiseKeys(),
            RECORDING.up(1, KindCase.ADVERTISE_KEYS).getAdvertiseKeys(),
            RECORDING.up(3, KindCase.ADVERTISE_KEYS).getAdvertiseKeys());
  }

  @Test
  void memberThatLeavesAfterItsShares_isNoSharer() {
    bring(State.SHARING);
    assertThat(on(leaves(2))).as("one is still awaited").isEmpty();
    List<Effect> answer = on(RECORDING.toServer(SLOT, KindCase.SHARE_KEYS));
    assertThat(sentTo(2, answer)).isEmpty();
    for (int slot : new int[] {0, SLOT, 3}) {
      assertThat(sentTo(slot, answer)).hasSize(1);
      byte[] sharers = sentTo(slot, answer).get(0).getShares().getSharers().toByteArray();
      assertThat(sharers).as("0, 1 and 3").containsExactly(0b1011);
    }
  }

  @Test
  void memberThatLeavesAfterItsInput_isInTheSum() {
    bring(State.INPUT);
    on(leaves(2));
    List<Effect> answer = on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT));
    assertThat(sentTo(2, answer)).isEmpty();
    assertThat(sentTo(0, answer)).containsExactly(RECORDING.down(0, KindCase.SURVIVORS));
    for (KindCase kind : List.of(KindCase.SIGNED_SURVIVORS, KindCase.UNMASK)) {
      for (int slot : new int[] {0, SLOT, 3}) {
        on(RECORDING.toServer(slot, kind));
      }
    }
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(sum.dropped()).isEqualTo(Map.of(2, DropReason.DECLINED));
    assertThat(sum.survivors().cardinality()).isEqualTo(4);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    assertThat(sentTo(2, effects)).as("told nothing more").isEmpty();
  }

  /** The quorum of three ends the signing, three answers the unmasking. */
  @Test
  void signingAndUnmasking_endWithTheThird_andTheFourthIsLate() {
    bring(State.INPUT);
    on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT));
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
    assertThat(sentTo(SLOT, on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT))))
        .containsExactly(RECORDING.down(SLOT, KindCase.SURVIVORS));
    on(RECORDING.toServer(0, KindCase.SIGNED_SURVIVORS));
    on(RECORDING.toServer(2, KindCase.SIGNED_SURVIVORS));
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
    on(RECORDING.toServer(3, KindCase.SIGNED_SURVIVORS));
    assertThat(server.toString()).isEqualTo("SumServer[UnmaskPhase]");
    assertThat(on(RECORDING.toServer(SLOT, KindCase.SIGNED_SURVIVORS))).as("late").isEmpty();
    List<Envelope> again = sentTo(0, on(RECORDING.toServer(0, KindCase.SIGNED_SURVIVORS)));
    assertThat(again).singleElement().satisfies(m -> assertThat(m.hasProof()).isTrue());
    assertThat(again.get(0).getProof().getSignaturesList())
        .extracting(s -> s.getIndex())
        .containsExactly(0, 2, 3);
    effects.clear();
    on(RECORDING.toServer(0, KindCase.UNMASK));
    assertThat(effects.stream().filter(Effect.Persist.class::isInstance)).hasSize(1);
    on(RECORDING.toServer(2, KindCase.UNMASK));
    assertThat(effects.stream().filter(Effect.Persist.class::isInstance)).hasSize(1);
    assertThat(effects.stream().filter(Effect.Finish.class::isInstance)).isEmpty();
    on(RECORDING.toServer(3, KindCase.UNMASK));
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
    on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT));
    on(RECORDING.toServer(0, KindCase.SIGNED_SURVIVORS));
    on(RECORDING.toServer(2, KindCase.SIGNED_SURVIVORS));
    effects.clear();
    List<Effect> answer = on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken());
    dropped(answer, DropReason.NO_SIGNATURE);
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.reason()).isEqualTo("at most 2 of 3 survivor signatures can come");
    assertThat(aborted.dropped())
        .isEqualTo(Map.of(SLOT, DropReason.NO_SIGNATURE, 3, DropReason.NO_SIGNATURE));
    assertThat(aborted.unmaskingAnswered()).isFalse();
  }

  @Test
  void answerMissing_atTheDeadline_dropsAndAborts() {
    bring(State.INPUT);
    on(RECORDING.toServer(SLOT, KindCase.MASKED_INPUT));
    for (int slot = 0; slot < 4; slot++) {
      on(RECORDING.toServer(slot, KindCase.SIGNED_SURVIVORS));
    }
    on(RECORDING.toServer(0, KindCase.UNMASK));
    on(RECORDING.toServer(2, KindCase.UNMASK));
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
    List<Effect> started = server.on(SumWorld.START, RECORDING.toServer(SLOT, UP.get(2)));
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
    server.on(SumWorld.START, RECORDING.toServer(SLOT, UP.get(2)));
    List<Effect> answer =
        on(new Event.Ran("input/" + SLOT, new Failed(new java.io.IOException("disk"))));
    dropped(answer, DropReason.INVALID_MASKED_INPUT);
    assertThat(server.toString()).isEqualTo("SumServer[SignPhase]");
  }

  /** Refused by its header, before any job reads it. */
  @Test
  void inputOfAnotherLength_orSignature_startsNoJob() {
    Event.Received right = (Event.Received) RECORDING.toServer(SLOT, KindCase.MASKED_INPUT);
    MaskedInput header = right.message().getMaskedInput();
    byte[] longer = Arrays.copyOf(Bend.bytes(right.body()), 6);
    byte[] root = RECORDING.down(SLOT, KindCase.ROSTER).getRoster().getRoot().toByteArray();
    byte[] digest = Arrays.copyOf(header.getSha256().toByteArray(), 31);
    byte[] signed =
        Transcript.of(RECORDING.world.sid).withRoot(root).input(new byte[] {15}, digest);
    ByteString signature =
        ByteString.copyFrom(RECORDING.world.identities[SLOT].signLabelled(signed));
    for (Event bad :
        List.of(
            input(header.toBuilder().setLength(6), right.body()),
            input(header.toBuilder(), Body.of(longer)),
            input(header.toBuilder().setSignature(signature), right.body()),
            input(
                header.toBuilder().setSha256(ByteString.copyFrom(digest)).setSignature(signature),
                right.body()))) {
      bring(State.INPUT);
      List<Effect> answer = server.on(SumWorld.START, bad);
      assertThat(answer).noneMatch(Effect.Run.class::isInstance);
      dropped(answer, DropReason.INVALID_MASKED_INPUT);
    }
  }

  private static Event input(MaskedInput.Builder header, Body body) {
    Envelope message =
        RECORDING.up(SLOT, KindCase.MASKED_INPUT).toBuilder().setMaskedInput(header).build();
    return new Event.Received(SLOT, message, body);
  }

  /** Dropped while a job looks at its input: what the job says comes too late. */
  @Test
  void memberThatLeavesWhileItsInputIsChecked_isNotInTheSum() {
    server = RECORDING.world.freshServer();
    on(RECORDING.world.start(Machine.COORDINATOR));
    for (KindCase kind : UP.subList(0, 2)) {
      for (int slot = 0; slot < 4; slot++) {
        on(RECORDING.toServer(slot, kind));
      }
    }
    Effect.Run check =
        (Effect.Run)
            server.on(SumWorld.START, RECORDING.toServer(SLOT, KindCase.MASKED_INPUT)).get(0);
    on(leaves(SLOT));
    effects.clear();
    assertThat(on(new Event.Ran(check.job(), result(check)))).as("nothing is accepted").isEmpty();
    for (int slot : new int[] {0, 2, 3}) {
      on(RECORDING.toServer(slot, KindCase.MASKED_INPUT));
    }
    byte[] survivors = sentTo(0, effects).get(0).getSurvivors().getSurvivors().toByteArray();
    assertThat(survivors).as("0, 2 and 3").containsExactly(0b1101);
  }

  /** An input that a job still looks at when the time is up is lost; so is what the job says. */
  @Test
  void inputStillChecked_whenTheTimeIsUp_isDiscarded() {
    bring(State.INPUT);
    Effect.Run check =
        (Effect.Run)
            server.on(SumWorld.START, RECORDING.toServer(SLOT, KindCase.MASKED_INPUT)).get(0);
    dropped(on(SumWorld.START.plus(SumWorld.DEADLINE), new Event.Woken()), DropReason.NO_INPUT);
    assertThat(server).hasToString("SumServer[SignPhase]");
    assertThat(on(new Event.Ran(check.job(), result(check)))).isEmpty();
    byte[] survivors = sentTo(0, effects).get(0).getSurvivors().getSurvivors().toByteArray();
    assertThat(survivors).as("0, 2 and 3").containsExactly(0b1101);
  }

  @Test
  void events_thatNoStateTakes_areFaultsOfTheShell() {
    assertThat(server.toString()).isEqualTo("SumServer[created]");
    assertThatThrownBy(() -> server.on(SumWorld.START, new Event.Woken()))
        .isInstanceOf(IllegalStateException.class);
    bring(State.ADVERTISING);
    assertThatThrownBy(() -> server.on(SumWorld.START, RECORDING.world.start(Machine.COORDINATOR)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> server.on(SumWorld.START, RECORDING.world.input(0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
