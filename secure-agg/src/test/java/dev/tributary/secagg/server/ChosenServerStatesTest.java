package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.DropReason;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Failed;
import dev.tributary.wire.Machine;
import dev.tributary.wire.Merkle;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Decline;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Sample;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.SignedSurvivors;
import dev.tributary.wire.v1.Unmask;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every state of the coordinator's end on the client-chosen graph with a sampled quorum, with every
 * message that it may meet there, and everything that is wrong with a choice, a draw, and what
 * depends on them. Member 1 is the one that is looked at; of six, five are enough.
 */
class ChosenServerStatesTest {

  private static final int N = 6;
  private static final int SLOT = 1;
  private static final int DEGREE = 4;
  private static final int SAMPLE = 3;
  private static final SumParameters SIX =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.17, DEGREE, 3, 4, SAMPLE, 5);
  private static final List<KindCase> UP =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.CHOICE,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.SAMPLE,
          KindCase.UNMASK);

  /** What a repeat of the message before gets in each state. */
  private static final List<KindCase> DOWN =
      List.of(
          KindCase.KIND_NOT_SET,
          KindCase.ROSTER,
          KindCase.NEIGHBOURS,
          KindCase.SHARES,
          KindCase.SURVIVORS,
          KindCase.COMMITMENT,
          KindCase.PROOF);

  private enum State {
    ADVERTISING("AdvertisePhase", DropReason.NO_KEYS, 0, 2, 3, 4, 5),
    CHOOSING("ChoicePhase", DropReason.NO_CHOICE, 0, 2, 3, 4, 5),
    SHARING("SharePhase", DropReason.NO_SHARES, 0, 2, 3, 4, 5),
    INPUT("MaskedInputPhase", DropReason.NO_INPUT, 0, 2, 3, 4, 5),
    SIGNING("SignPhase", DropReason.NO_SIGNATURE, 0, 2, 3, 4),
    SAMPLING("SamplePhase", DropReason.NO_SAMPLE, 0, 2, 3, 4, 5),
    UNMASKING("UnmaskPhase", DropReason.NO_ANSWER, 0, 2);

    private final String phase;
    private final DropReason silent;
    private final int[] answered;

    State(String phase, DropReason silent, int... answered) {
      this.phase = phase;
      this.silent = silent;
      this.answered = answered;
    }
  }

  private static final Recording RECORDING = new Recording(new InjectedSa1(), SIX, 6);
  private Machine server = RECORDING.world.freshServer();
  private final List<Effect> effects = new ArrayList<>();

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

  private List<Effect> receive(int slot, Envelope message) {
    return on(new Event.Received(slot, message));
  }

  private void bring(State state) {
    server = RECORDING.world.freshServer();
    on(RECORDING.world.start(Machine.COORDINATOR));
    for (int step = 0; step < state.ordinal(); step++) {
      for (int slot = 0; slot < N; slot++) {
        on(RECORDING.toServer(slot, UP.get(step)));
      }
    }
    for (int slot : state.answered) {
      on(RECORDING.toServer(slot, UP.get(state.ordinal())));
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

  /** The member is told its reason, the reason is counted, and nothing of it is heard any more. */
  private void dropped(int slot, List<Effect> answer, DropReason reason) {
    List<Envelope> told = sentTo(slot, answer);
    assertThat(told).as("%s", answer).isNotEmpty();
    assertThat(told.get(0).getAbort().getCode()).isEqualTo(reason.name());
    for (KindCase kind : UP) {
      assertThat(on(RECORDING.toServer(slot, kind))).as("%s of the dropped", kind).isEmpty();
    }
    on(new Event.Stop("looked at"));
    assertThat(((SumResult.Aborted) result()).dropped()).isEqualTo(Map.of(slot, reason));
  }

  /** Lets the others answer all that is left, and returns the sum. */
  private SumResult.RingSum others(State from) {
    for (int step = from.ordinal(); step < UP.size(); step++) {
      for (int slot = 0; slot < N; slot++) {
        if (slot != SLOT) {
          on(RECORDING.toServer(slot, UP.get(step)));
        }
      }
    }
    return (SumResult.RingSum) result();
  }

  private Envelope of(KindCase kind, UnaryOperator<Envelope.Builder> change) {
    return change.apply(RECORDING.up(SLOT, kind).toBuilder()).build();
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  private Transcript after() {
    byte[] root = RECORDING.down(SLOT, KindCase.ROSTER).getRoster().getRoot().toByteArray();
    return Transcript.of(RECORDING.world.sid).withRoot(root);
  }

  private ByteString sign(int member, byte[] message) {
    return ByteString.copyFrom(RECORDING.world.identities[member].signLabelled(message));
  }

  @Test
  void honestMessages_giveTheSum_andTheRecordedMessages() {
    on(RECORDING.world.start(Machine.COORDINATOR));
    for (KindCase kind : UP) {
      for (int slot = 0; slot < N; slot++) {
        on(RECORDING.toServer(slot, kind));
      }
    }
    SumResult.RingSum sum = (SumResult.RingSum) result();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    for (KindCase kind : List.of(KindCase.ROSTER, KindCase.NEIGHBOURS, KindCase.SHARES)) {
      assertThat(sentTo(SLOT, effects)).contains(RECORDING.down(SLOT, kind));
    }
    assertThat(sum.steps())
        .extracting(step -> step.name())
        .containsExactly("advertise", "choose", "share", "input", "sign", "sample", "unmask");
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void everyMessage_inEveryState(State state) {
    for (KindCase kind : UP) {
      bring(state);
      List<Effect> answer = on(RECORDING.toServer(SLOT, kind));
      int at = UP.indexOf(kind);
      if (at == state.ordinal()) {
        assertThat(sentTo(SLOT, answer)).noneMatch(Envelope::hasAbort);
      } else if (at > state.ordinal()) {
        dropped(SLOT, answer, DropReason.EQUIVOCATION);
        bring(state);
      } else if (at < state.ordinal() - 1) {
        assertThat(answer).as("%s again in %s", kind, state).isEmpty();
      } else {
        assertThat(sentTo(SLOT, answer))
            .singleElement()
            .satisfies(m -> assertThat(m.getKindCase()).isEqualTo(DOWN.get(state.ordinal())));
        assertThat(on(RECORDING.toServer(SLOT, kind))).as("the same again").isEqualTo(answer);
      }
    }
  }

  /** A second, different message of each kind that was taken in. */
  @ParameterizedTest
  @EnumSource(State.class)
  void secondDifferentMessage_isEquivocation(State state) {
    for (int step = 0; step <= state.ordinal(); step++) {
      bring(state);
      Envelope other =
          RECORDING.up(0, UP.get(step)).toBuilder()
              .mergeFrom(RECORDING.up(2, UP.get(step)))
              .build();
      assertThat(other).isNotEqualTo(RECORDING.up(0, UP.get(step)));
      dropped(0, receive(0, other), DropReason.EQUIVOCATION);
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void strangersAndOtherSessions_changeNothing(State state) {
    bring(state);
    Envelope right = RECORDING.up(SLOT, UP.get(state.ordinal()));
    for (int slot : new int[] {-2, N, 1 << 20}) {
      assertThat(receive(slot, right)).isEmpty();
    }
    assertThat(receive(SLOT, right.toBuilder().setSession(bytes(32)).build())).isEmpty();
    assertThat(server.toString()).isEqualTo("SumServer[" + state.phase + "]");
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void messagesOfTheCoordinatorItself_areEquivocation(State state) {
    for (KindCase kind : DOWN.subList(1, DOWN.size())) {
      bring(state);
      dropped(SLOT, receive(SLOT, RECORDING.down(SLOT, kind)), DropReason.EQUIVOCATION);
    }
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void time_dropsTheSilent_andDeclining_countsToo(State state) {
    bring(state);
    assertThat(on(new Event.Woken())).as("too early").isEmpty();
    Instant end = RECORDING.world.endOf(RECORDING.world.stepNames().get(state.ordinal()));
    List<Effect> late = on(end, new Event.Woken());
    assertThat(sentTo(SLOT, late).get(0).getAbort().getCode()).isEqualTo(state.silent.name());
    for (int slot : state.answered) {
      assertThat(sentTo(slot, late))
          .as("%d has answered", slot)
          .noneMatch(message -> message.getAbort().getCode().equals(state.silent.name()));
    }
    bring(state);
    Envelope decline =
        of(KindCase.SHARE_KEYS, b -> b.setDecline(Decline.newBuilder().setCode("NO")));
    assertThat(sentTo(SLOT, receive(SLOT, decline))).as("it has gone by itself").isEmpty();
    on(new Event.Stop("looked at"));
    assertThat(((SumResult.Aborted) result()).dropped())
        .isEqualTo(Map.of(SLOT, DropReason.DECLINED));
  }

  /** Before the freeze two are too many; afterwards their inputs stay in the sum. */
  @ParameterizedTest
  @EnumSource(
      value = State.class,
      names = {"ADVERTISING", "CHOOSING", "SHARING"})
  void twoMembersGone_isBelowTheFloor(State state) {
    bring(state);
    Envelope decline =
        of(KindCase.SHARE_KEYS, b -> b.setDecline(Decline.newBuilder().setCode("NO")));
    receive(0, decline);
    receive(SLOT, decline);
    SumResult.Aborted aborted = (SumResult.Aborted) result();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.reason()).isEqualTo("4 of 6 clients left, at least 5 needed");
    assertThat(server).hasToString("SumServer[EndedPhase]");
  }

  private Envelope choice(ByteString indices, ByteString signature) {
    return of(
        KindCase.CHOICE,
        b -> b.setChoice(Choice.newBuilder().setIndices(indices).setSignature(signature)));
  }

  /** Signed by the member itself, whatever it says. */
  private Envelope signedChoice(ByteString indices) {
    return choice(indices, sign(SLOT, after().choice(indices.toByteArray())));
  }

  private List<Envelope> badChoices() {
    ByteString own = RECORDING.up(SLOT, KindCase.CHOICE).getChoice().getIndices();
    Transcript session = Transcript.of(Labels.sha256(RECORDING.world.sid)).withRoot(after().root());
    Transcript root = Transcript.of(RECORDING.world.sid).withRoot(Labels.sha256(after().root()));
    return List.of(
        signedChoice(own.substring(4)),
        signedChoice(Choices.encode(new int[] {0, 2, 3, 4, 5})),
        signedChoice(ByteString.EMPTY),
        signedChoice(own.substring(1)),
        signedChoice(Choices.encode(new int[] {0, 2, 2, 3})),
        signedChoice(Choices.encode(new int[] {2, 0, 3, 4})),
        signedChoice(Choices.encode(new int[] {0, SLOT, 2, 3})),
        signedChoice(Choices.encode(new int[] {0, 2, 3, N})),
        signedChoice(Choices.encode(new int[] {-1, 0, 2, 3})),
        signedChoice(bytes(1 << 20)),
        choice(own, bytes(64)),
        choice(own, ByteString.EMPTY),
        choice(own, sign(2, after().choice(own.toByteArray()))),
        choice(own, sign(SLOT, session.choice(own.toByteArray()))),
        choice(own, sign(SLOT, root.choice(own.toByteArray()))),
        RECORDING.up(2, KindCase.CHOICE));
  }

  @Test
  void badChoice_isInvalid_andItsSenderIsNobodysNeighbour() {
    for (Envelope bad : badChoices()) {
      bring(State.CHOOSING);
      dropped(SLOT, receive(SLOT, bad), DropReason.INVALID_CHOICE);
      bring(State.CHOOSING);
      List<Effect> answer = receive(SLOT, bad);
      for (int slot : State.CHOOSING.answered) {
        List<Envelope> shown = sentTo(slot, answer);
        assertThat(shown).hasSize(1);
        assertThat(shown.get(0).getNeighbours().getMembersList())
            .isNotEmpty()
            .noneMatch(neighbour -> neighbour.getIndex() == SLOT);
      }
    }
  }

  @Test
  void memberThatLeavesAfterItsChoice_isNobodysNeighbour() {
    bring(State.CHOOSING);
    Envelope decline =
        of(KindCase.SHARE_KEYS, b -> b.setDecline(Decline.newBuilder().setCode("NO")));
    assertThat(receive(2, decline)).as("one is still awaited").isEmpty();
    List<Effect> answer = on(RECORDING.toServer(SLOT, KindCase.CHOICE));
    assertThat(sentTo(2, answer)).isEmpty();
    for (int slot : new int[] {0, SLOT, 3, 4, 5}) {
      assertThat(sentTo(slot, answer)).hasSize(1);
      assertThat(sentTo(slot, answer).get(0).getNeighbours().getMembersList())
          .isNotEmpty()
          .noneMatch(neighbour -> neighbour.getIndex() == 2);
    }
  }

  /** Each is shown exactly whom it has chosen and who has chosen it, the latter with the choice. */
  @Test
  void neighbours_areThoseOfTheChoices() {
    bring(State.CHOOSING);
    List<Effect> answer = on(RECORDING.toServer(SLOT, KindCase.CHOICE));
    int[][] chosen = new int[N][];
    for (int i = 0; i < N; i++) {
      ByteString indices = RECORDING.up(i, KindCase.CHOICE).getChoice().getIndices();
      chosen[i] = Choices.decode(indices, N, i, DEGREE);
    }
    for (int i = 0; i < N; i++) {
      BitSet around = new BitSet();
      Arrays.stream(chosen[i]).forEach(around::set);
      for (Neighbour one : sentTo(i, answer).get(0).getNeighbours().getMembersList()) {
        int j = one.getIndex();
        boolean hasChosen = Arrays.binarySearch(chosen[j], i) >= 0;
        assertThat(around.get(j) || hasChosen).as("%d of %d", j, i).isTrue();
        assertThat(one.hasChoice()).isEqualTo(hasChosen);
        around.clear(j);
      }
      assertThat(around.isEmpty()).as("all that %d has chosen are shown", i).isTrue();
    }
  }

  private Envelope shares(UnaryOperator<ShareKeys.Builder> change, int signer) {
    ShareKeys.Builder made =
        change.apply(RECORDING.up(SLOT, KindCase.SHARE_KEYS).getShareKeys().toBuilder());
    made.setSignature(sign(signer, after().shares(made.build())));
    return of(KindCase.SHARE_KEYS, b -> b.setShareKeys(made));
  }

  @Test
  void badShares_areInvalid() {
    for (Envelope bad :
        List.of(
            shares(s -> s.setCiphertexts(s.getCiphertexts().substring(100)), SLOT),
            shares(s -> s.setCiphertexts(s.getCiphertexts().concat(bytes(100))), SLOT),
            shares(s -> s.setCiphertexts(s.getCiphertexts().substring(1)), SLOT),
            shares(s -> s.clearCiphertexts(), SLOT),
            shares(s -> s.setMaskCiphertexts(bytes(1088)), SLOT),
            shares(s -> s, 2),
            RECORDING.up(2, KindCase.SHARE_KEYS))) {
      bring(State.SHARING);
      dropped(SLOT, receive(SLOT, bad), DropReason.INVALID_SHARE_KEYS_RESPONSE);
    }
  }

  private Envelope sample(ByteString indices) {
    return of(KindCase.SAMPLE, b -> b.setSample(Sample.newBuilder().setIndices(indices)));
  }

  @Test
  void badDraw_isInvalid_andItsInputStaysInTheSum() {
    for (ByteString bad :
        List.of(
            ByteString.EMPTY,
            Choices.encode(new int[] {0, 2}),
            Choices.encode(new int[] {0, 2, 3, 4}),
            Choices.encode(new int[] {0, 2, 2}),
            Choices.encode(new int[] {2, 0, 3}),
            Choices.encode(new int[] {0, SLOT, 2}),
            Choices.encode(new int[] {0, 2, N}),
            Choices.encode(new int[] {-1, 0, 2}),
            Choices.encode(new int[] {0, 2, 3}).substring(1),
            bytes(1 << 20))) {
      bring(State.SAMPLING);
      dropped(SLOT, receive(SLOT, sample(bad)), DropReason.INVALID_SAMPLE);
      bring(State.SAMPLING);
      receive(SLOT, sample(bad));
      SumResult.RingSum sum = others(State.UNMASKING);
      assertThat(sum.survivors().get(SLOT)).isTrue();
      assertThat(sum.dropped()).isEqualTo(Map.of(SLOT, DropReason.INVALID_SAMPLE));
      assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    }
  }

  /** What is opened to each is what it drew and was committed to; an empty slot stays shut. */
  @Test
  void openings_areTheDrawnSlots_underTheOneCommitment() {
    bring(State.SIGNING);
    List<Effect> committed = on(RECORDING.toServer(SLOT, KindCase.SIGNED_SURVIVORS));
    byte[] root = sentTo(0, committed).get(0).getCommitment().getRoot().toByteArray();
    for (int slot = 0; slot < N; slot++) {
      Envelope commitment = sentTo(slot, committed).get(0);
      assertThat(commitment).as("one commitment for all").isEqualTo(sentTo(0, committed).get(0));
    }
    assertThat(on(RECORDING.toServer(5, KindCase.SIGNED_SURVIVORS))).as("late").isEmpty();
    effects.clear();
    for (int slot = 0; slot < N; slot++) {
      on(RECORDING.toServer(slot, KindCase.SAMPLE));
    }
    for (int slot = 0; slot < N; slot++) {
      ByteString indices = RECORDING.up(slot, KindCase.SAMPLE).getSample().getIndices();
      int[] drawn = Choices.decode(indices, N, slot, SAMPLE);
      List<QuorumSignature> opened = sentTo(slot, effects).get(0).getProof().getSignaturesList();
      assertThat(opened)
          .extracting(QuorumSignature::getIndex)
          .containsExactlyElementsOf(Arrays.stream(drawn).filter(i -> i != 5).boxed().toList());
      for (QuorumSignature one : opened) {
        byte[] leaf = after().slotLeaf(one.getIndex(), one.getSignature().toByteArray());
        byte[] path = one.getSlotPath().toByteArray();
        assertThat(Merkle.rootOf(leaf, one.getIndex(), N, path)).isEqualTo(root);
      }
    }
  }

  @Test
  void badAnswer_isInvalid_andNeverUsed() {
    Unmask right = RECORDING.up(SLOT, KindCase.UNMASK).getUnmask();
    BitSet selves = Bitmap.decode(right.getSelfMaskDealers(), N);
    BitSet strangers = (BitSet) selves.clone();
    strangers.flip(0, N);
    BitSet withoutOwn = (BitSet) selves.clone();
    withoutOwn.clear(SLOT);
    ByteString none = bytes(1);
    List<Unmask.Builder> wrong =
        new ArrayList<>(
            List.of(
                right.toBuilder().setSelfMaskShares(right.getSelfMaskShares().substring(40)),
                right.toBuilder().setSelfMaskShares(right.getSelfMaskShares().concat(bytes(40))),
                right.toBuilder().setSelfMaskDealers(bytes(2)),
                right.toBuilder().clearSelfMaskDealers(),
                right.toBuilder()
                    .setSelfMaskDealers(ByteString.copyFrom(Bitmap.encode(withoutOwn, N)))
                    .setSelfMaskShares(right.getSelfMaskShares().substring(40)),
                right.toBuilder()
                    .setMaskSeedDealers(right.getSelfMaskDealers())
                    .setMaskSeedShares(right.getSelfMaskShares())
                    .setSelfMaskDealers(none)
                    .clearSelfMaskShares(),
                right.toBuilder()
                    .setSelfMaskShares(
                        ByteString.copyFrom(new byte[] {-1})
                            .concat(right.getSelfMaskShares().substring(1)))));
    if (!strangers.isEmpty()) {
      wrong.add(
          right.toBuilder()
              .setSelfMaskDealers(ByteString.copyFrom(new byte[] {(1 << N) - 1}))
              .setSelfMaskShares(
                  right.getSelfMaskShares().concat(bytes(40 * strangers.cardinality()))));
    }
    for (Unmask.Builder bad : wrong) {
      bring(State.UNMASKING);
      Envelope message = of(KindCase.UNMASK, b -> b.setUnmask(bad));
      dropped(SLOT, receive(SLOT, message), DropReason.INVALID_UNMASKING_RESPONSE);
      bring(State.UNMASKING);
      receive(SLOT, message);
      SumResult.RingSum sum = others(State.UNMASKING);
      assertThat(sum.wrongShares()).isEmpty();
      assertThat(SumWorld.values(sum.sum())).isEqualTo(RECORDING.world.plainSum(sum.survivors()));
    }
  }

  /**
   * Member 1 is lost after it has shared; the others sign. Its self mask is nobody's to give, and
   * its mask seed is given by those whom it has chosen alone.
   */
  @Test
  void sharesOfALostMember_ofTheWrongKind_orOfAStranger_areInvalid() {
    int[] others = {0, 2, 3, 4, 5};
    byte[] lost = {1 << SLOT};
    ByteString indices = RECORDING.up(SLOT, KindCase.CHOICE).getChoice().getIndices();
    int[] holders = Choices.decode(indices, N, SLOT, DEGREE);
    byte[] signed = after().survivors(new byte[] {0b111111}, new byte[] {0b111101});
    for (int slot : others) {
      bring(State.INPUT);
      on(RECORDING.world.endOf("input"), new Event.Woken());
      assertThat(server).hasToString("SumServer[SignPhase]");
      for (int signer : others) {
        Envelope signature =
            RECORDING.up(signer, KindCase.SIGNED_SURVIVORS).toBuilder()
                .setSignedSurvivors(SignedSurvivors.newBuilder().setSignature(sign(signer, signed)))
                .build();
        receive(signer, signature);
      }
      for (int drawer : others) {
        on(RECORDING.toServer(drawer, KindCase.SAMPLE));
      }
      assertThat(server).hasToString("SumServer[UnmaskPhase]");
      boolean holder = Arrays.binarySearch(holders, slot) >= 0;
      Unmask.Builder answer =
          RECORDING.up(slot, KindCase.UNMASK).getUnmask().toBuilder()
              .setSelfMaskDealers(ByteString.copyFrom(new byte[] {(byte) (1 << slot)}))
              .setSelfMaskShares(bytes(40));
      if (holder) {
        answer
            .setSelfMaskDealers(ByteString.copyFrom(new byte[] {(byte) (1 << slot | lost[0])}))
            .setSelfMaskShares(bytes(80));
      } else {
        answer.setMaskSeedDealers(ByteString.copyFrom(lost)).setMaskSeedShares(bytes(40));
      }
      Envelope message = RECORDING.up(slot, KindCase.UNMASK).toBuilder().setUnmask(answer).build();
      assertThat(sentTo(slot, receive(slot, message)))
          .as("%d, holder: %s", slot, holder)
          .isNotEmpty()
          .first()
          .satisfies(
              told ->
                  assertThat(told.getAbort().getCode())
                      .isEqualTo(DropReason.INVALID_UNMASKING_RESPONSE.name()));
    }
    assertThat(holders).hasSizeLessThan(others.length);
  }
}
