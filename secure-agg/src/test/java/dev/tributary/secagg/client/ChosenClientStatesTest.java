package dev.tributary.secagg.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.Recording;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Commitment;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Roster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every state of the client's end on the client-chosen graph with a sampled quorum, with every
 * message that it may meet there, and everything that can be wrong with a neighbour, a commitment
 * and an opening. Whatever is refused ends the session by its code, and nothing leaves.
 */
class ChosenClientStatesTest {

  private static final int N = 8;
  private static final int OWN = 1;
  private static final int DEGREE = 4;
  private static final int SAMPLE = 4;
  private static final SumParameters EIGHT =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.13, DEGREE, 3, 5, SAMPLE, 5);
  private static final Recording RECORDING = new Recording(new InjectedSa1(), EIGHT, 6);
  private static final Instant NOW = SumWorld.START.plusMillis(10);
  private static final List<KindCase> DOWN =
      List.of(
          KindCase.ROSTER,
          KindCase.NEIGHBOURS,
          KindCase.SHARES,
          KindCase.SURVIVORS,
          KindCase.COMMITMENT,
          KindCase.PROOF,
          KindCase.RESULT);
  private static final List<KindCase> UP =
      List.of(
          KindCase.ADVERTISE_KEYS,
          KindCase.CHOICE,
          KindCase.SHARE_KEYS,
          KindCase.MASKED_INPUT,
          KindCase.SIGNED_SURVIVORS,
          KindCase.SAMPLE,
          KindCase.UNMASK);

  private enum State {
    STARTED("RosterPhase"),
    CHOSEN("NeighboursPhase"),
    DEALT("SharesPhase"),
    MASKED("SurvivorsPhase"),
    SIGNED("CommitmentPhase"),
    DRAWN("ProofPhase"),
    DONE("DonePhase");

    private final String phase;

    State(String phase) {
      this.phase = phase;
    }
  }

  private Machine client = RECORDING.world.freshClient(OWN);

  private List<Effect> bring(State state) {
    client = RECORDING.world.freshClient(OWN);
    List<Effect> effects = new ArrayList<>(client.on(NOW, RECORDING.world.start(OWN)));
    effects.addAll(client.on(NOW, RECORDING.world.input(OWN)));
    for (KindCase kind : DOWN.subList(0, state.ordinal())) {
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

  private List<Effect> receive(Envelope message) {
    return client.on(NOW, new Event.Received(Machine.COORDINATOR, message));
  }

  /** The session has ended by this code, without a word, and for good; returns the reason. */
  private String refused(List<Effect> effects, String code) {
    assertThat(effects).hasSize(1);
    SumResult.Aborted aborted = (SumResult.Aborted) finished(effects);
    assertThat(aborted.code()).as(aborted.reason()).isEqualTo(code);
    assertThat(client.toString()).isEqualTo("SumClient[DonePhase]");
    for (KindCase kind : DOWN) {
      assertThat(receive(RECORDING.down(OWN, kind))).as("%s after the end", kind).isEmpty();
    }
    return aborted.reason();
  }

  private static Envelope of(KindCase kind, UnaryOperator<Envelope.Builder> change) {
    return change.apply(RECORDING.down(OWN, kind).toBuilder()).build();
  }

  private static ByteString bytes(int length) {
    return ByteString.copyFrom(new byte[length]);
  }

  private static Transcript after() {
    byte[] root = RECORDING.down(OWN, KindCase.ROSTER).getRoster().getRoot().toByteArray();
    return Transcript.of(RECORDING.world.sid).withRoot(root);
  }

  private static ByteString sign(int member, byte[] message) {
    return ByteString.copyFrom(RECORDING.world.identities[member].signLabelled(message));
  }

  private static int[] chosenBy(int member) {
    ByteString indices = RECORDING.up(member, KindCase.CHOICE).getChoice().getIndices();
    return Choices.decode(indices, N, member, DEGREE);
  }

  @Test
  void honestMessages_getTheRecordedAnswers() {
    List<Effect> effects = bring(State.DONE);
    assertThat(sent(effects))
        .containsExactlyElementsOf(UP.stream().map(k -> RECORDING.up(OWN, k)).toList());
    assertThat(finished(effects)).isEqualTo(new SumResult.Contributed(true, List.of()));
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void everyMessage_inEveryState(State state) {
    for (KindCase kind : DOWN) {
      bring(state);
      List<Effect> effects = receive(RECORDING.down(OWN, kind));
      int at = DOWN.indexOf(kind);
      if (at < state.ordinal()) {
        assertThat(sent(effects))
            .as("%s again", kind)
            .containsExactly(RECORDING.up(OWN, UP.get(at + 1)));
      } else if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else if (at == state.ordinal()) {
        assertThat(sent(effects)).containsExactly(RECORDING.up(OWN, UP.get(at + 1)));
      } else if (kind == KindCase.RESULT && state.ordinal() >= State.MASKED.ordinal()) {
        assertThat(finished(effects)).isEqualTo(new SumResult.Contributed(false, List.of()));
        assertThat(sent(effects)).isEmpty();
      } else {
        refused(effects, "PROTOCOL_VIOLATION");
      }
    }
  }

  /** Whatever kind comes a second time and differs, a commitment and a proof too. */
  @ParameterizedTest
  @EnumSource(State.class)
  void secondDifferentMessage_ends(State state) {
    for (KindCase kind : DOWN.subList(0, Math.min(state.ordinal(), DOWN.size() - 1))) {
      bring(state);
      List<Effect> effects =
          receive(
              RECORDING.down(0, kind).toBuilder()
                  .clearSession()
                  .setSession(RECORDING.down(OWN, kind).getSession())
                  .mergeFrom(other(kind))
                  .build());
      if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else {
        refused(effects, "PROTOCOL_VIOLATION");
      }
    }
  }

  private static Envelope other(KindCase kind) {
    return switch (kind) {
      case SURVIVORS ->
          of(
              kind,
              b ->
                  b.setSurvivors(
                      dev.tributary.wire.v1.Survivors.newBuilder()
                          .setSurvivors(ByteString.copyFrom(new byte[] {127}))));
      case COMMITMENT -> of(kind, b -> b.setCommitment(Commitment.newBuilder().setRoot(bytes(32))));
      default -> RECORDING.down(2, kind);
    };
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void messagesOfOtherSessionsAndMembers_endIt(State state) {
    List<Envelope> strays =
        List.of(
            of(KindCase.ROSTER, Envelope.Builder::clearKind),
            of(KindCase.NEIGHBOURS, b -> b.setSession(bytes(32))),
            RECORDING.up(2, KindCase.CHOICE),
            RECORDING.up(2, KindCase.SAMPLE));
    for (Envelope stray : strays) {
      bring(state);
      List<Effect> effects = receive(stray);
      if (state == State.DONE) {
        assertThat(effects).isEmpty();
      } else {
        refused(effects, "PROTOCOL_VIOLATION");
      }
    }
    bring(state);
    assertThat(client.on(NOW, new Event.Received(2, RECORDING.down(OWN, KindCase.ROSTER))))
        .as("others than the coordinator are not heard")
        .isEmpty();
  }

  @Test
  void badRoot_isRefused_beforeAChoice() {
    List<UnaryOperator<Roster.Builder>> changes =
        List.of(
            r -> r.clearRoot(),
            r -> r.setRoot(r.getRoot().substring(1)),
            r -> r.setRoot(bytes(32)),
            r -> r.clearPath(),
            r -> r.setPath(r.getPath().substring(32)),
            r -> r.setPath(r.getPath().concat(bytes(32))),
            r -> r.setPath(RECORDING.down(2, KindCase.ROSTER).getRoster().getPath()));
    for (UnaryOperator<Roster.Builder> change : changes) {
      bring(State.STARTED);
      Envelope bad = of(KindCase.ROSTER, b -> b.setRoster(change.apply(b.getRoster().toBuilder())));
      refused(receive(bad), "ROSTER_REFUSED");
    }
  }

  private static Neighbours.Builder shown() {
    return RECORDING.down(OWN, KindCase.NEIGHBOURS).getNeighbours().toBuilder();
  }

  /** The place of the first of those shown that has chosen this client. */
  private static int chooser() {
    for (int i = 0; i < shown().getMembersCount(); i++) {
      if (shown().getMembers(i).hasChoice()) {
        return i;
      }
    }
    throw new AssertionError("nobody has chosen this client");
  }

  private static Neighbours.Builder with(int at, UnaryOperator<Neighbour.Builder> change) {
    return shown().setMembers(at, change.apply(shown().getMembers(at).toBuilder()));
  }

  private static Neighbours.Builder choice(UnaryOperator<Choice.Builder> change) {
    return with(chooser(), m -> m.setChoice(change.apply(m.getChoice().toBuilder())));
  }

  /** The indices of a choice, signed by the one who made it. */
  private static Neighbours.Builder signedChoice(ByteString indices) {
    int member = shown().getMembers(chooser()).getIndex();
    ByteString signature = sign(member, after().choice(indices.toByteArray()));
    return choice(c -> c.setIndices(indices).setSignature(signature));
  }

  private static ByteString signedElsewhere(Transcript elsewhere, Neighbour member) {
    byte[] indices = member.getChoice().getIndices().toByteArray();
    return sign(member.getIndex(), elsewhere.choice(indices));
  }

  private static Map<Neighbours.Builder, String> badNeighbours() {
    int at = chooser();
    Neighbour member = shown().getMembers(at);
    int j = member.getIndex();
    int last = shown().getMembersCount() - 1;
    Transcript session = Transcript.of(Labels.sha256(RECORDING.world.sid)).withRoot(after().root());
    Transcript root = Transcript.of(RECORDING.world.sid).withRoot(Labels.sha256(after().root()));
    int[] right = Choices.decode(member.getChoice().getIndices(), N, j, DEGREE);
    int[] doubled = right.clone();
    doubled[DEGREE - 1] = doubled[DEGREE - 2];
    int[] unsorted = right.clone();
    unsorted[0] = right[1];
    unsorted[1] = right[0];
    int[] ofItself = right.clone();
    ofItself[right[0] == OWN ? 1 : 0] = j;
    Arrays.sort(ofItself);
    Choice another = RECORDING.up(j == 2 ? 3 : 2, KindCase.CHOICE).getChoice();
    String sign = "has not signed its choice";
    String choose = "has not chosen this client";
    String placed = "is not under the root";
    String order = "out of order";
    Map<Neighbours.Builder, String> bad = new java.util.LinkedHashMap<>();
    bad.put(choice(c -> c.clearSignature()), sign);
    bad.put(choice(c -> c.setSignature(bytes(64))), sign);
    bad.put(choice(c -> c.setSignature(another.getSignature())), sign);
    bad.put(choice(c -> c.setSignature(signedElsewhere(session, member))), sign);
    bad.put(choice(c -> c.setSignature(signedElsewhere(root, member))), sign);
    bad.put(signedChoice(member.getChoice().getIndices().substring(4)), choose);
    bad.put(signedChoice(member.getChoice().getIndices().concat(bytes(4))), choose);
    bad.put(signedChoice(Choices.encode(doubled)), choose);
    bad.put(signedChoice(Choices.encode(unsorted)), choose);
    bad.put(signedChoice(Choices.encode(ofItself)), choose);
    bad.put(signedChoice(bytes(1 << 20)), choose);
    bad.put(choice(c -> c.clearIndices()), choose);
    bad.put(with(0, m -> m.clearPath()), placed);
    bad.put(with(0, m -> m.setPath(shown().getMembers(last).getPath())), placed);
    bad.put(with(0, m -> m.setPath(m.getPath().concat(bytes(32)))), placed);
    bad.put(with(0, m -> m.clearKeys()), placed);
    bad.put(with(0, m -> m.setKeys(shown().getMembers(last).getKeys())), placed);
    bad.put(with(0, m -> m.clearChoice().setIndex(OWN)), "is no neighbour");
    bad.put(with(0, m -> m.clearChoice().setIndex(-1)), "is no neighbour");
    bad.put(with(0, m -> m.clearChoice().setIndex(N)), "is no neighbour");
    bad.put(shown().addMembers(shown().getMembers(last)), order);
    bad.put(
        shown().setMembers(0, shown().getMembers(1)).setMembers(1, shown().getMembers(0)), order);
    bad.put(Neighbours.newBuilder(), "0 neighbours hold shares, must be >= 3");
    Neighbours.Builder many = Neighbours.newBuilder();
    for (int i = 0; i < N; i++) {
      many.addMembers(shown().getMembers(0));
    }
    bad.put(many, N + " neighbours of " + N + " members");
    return bad;
  }

  @Test
  void badNeighbours_areRefused_andNoShareLeaves() {
    badNeighbours()
        .forEach(
            (bad, reason) -> {
              bring(State.CHOSEN);
              Envelope message = of(KindCase.NEIGHBOURS, b -> b.setNeighbours(bad));
              assertThat(refused(receive(message), "ROSTER_REFUSED")).contains(reason);
            });
  }

  /** A chooser without its choice is a stranger, unless this client has drawn it too. */
  @Test
  void chooserWithoutItsChoice_isAStranger() {
    for (int i = 0; i < shown().getMembersCount(); i++) {
      Neighbour one = shown().getMembers(i);
      if (one.hasChoice() && Arrays.binarySearch(chosenBy(OWN), one.getIndex()) < 0) {
        bring(State.CHOSEN);
        int at = i;
        Envelope message =
            of(KindCase.NEIGHBOURS, b -> b.setNeighbours(with(at, m -> m.clearChoice())));
        assertThat(refused(receive(message), "ROSTER_REFUSED")).contains("is no neighbour");
        return;
      }
    }
    throw new AssertionError("another seed: all choosers were drawn");
  }

  @Test
  void badCommitment_isRefused_andNothingDrawn() {
    for (int length : new int[] {0, 31, 33, 1 << 20}) {
      bring(State.SIGNED);
      Envelope bad =
          of(
              KindCase.COMMITMENT,
              b -> b.setCommitment(Commitment.newBuilder().setRoot(bytes(length))));
      refused(receive(bad), "PROOF_REFUSED");
    }
  }

  /** Asked twice: the same draw for the same commitment, and the end for another. */
  @Test
  void commitmentTwice_isDrawnForOnce() {
    bring(State.SIGNED);
    List<Envelope> drawn = sent(receive(RECORDING.down(OWN, KindCase.COMMITMENT)));
    assertThat(drawn).hasSize(1);
    ByteString indices = drawn.get(0).getSample().getIndices();
    assertThat(Choices.decode(indices, N, OWN, SAMPLE)).isNotNull();
    assertThat(sent(receive(RECORDING.down(OWN, KindCase.COMMITMENT)))).isEqualTo(drawn);
    refused(receive(other(KindCase.COMMITMENT)), "PROTOCOL_VIOLATION");
  }

  private static Proof.Builder proof() {
    return RECORDING.down(OWN, KindCase.PROOF).getProof().toBuilder();
  }

  private static Proof.Builder first(UnaryOperator<QuorumSignature.Builder> change) {
    return proof().setSignatures(0, change.apply(proof().getSignatures(0).toBuilder()));
  }

  /** An honest opening of a slot that this client has not drawn. */
  private static QuorumSignature notDrawn() {
    ByteString indices = RECORDING.up(OWN, KindCase.SAMPLE).getSample().getIndices();
    BitSet drawn = new BitSet();
    Arrays.stream(Choices.decode(indices, N, OWN, SAMPLE)).forEach(drawn::set);
    for (int other = 0; other < N; other++) {
      for (QuorumSignature one :
          RECORDING.down(other, KindCase.PROOF).getProof().getSignaturesList()) {
        if (!drawn.get(one.getIndex())) {
          return one;
        }
      }
    }
    throw new AssertionError("another seed: all opened slots were drawn");
  }

  @Test
  void badOpenings_areRefused_andNoShareLeaves() {
    assertThat(proof().getSignaturesCount()).isGreaterThanOrEqualTo(EIGHT.accepted());
    QuorumSignature second = proof().getSignatures(1);
    Map<String, Proof.Builder> bad = new TreeMap<>();
    bad.put("not drawn", proof().addSignatures(notDrawn()));
    bad.put("instead of one drawn", proof().setSignatures(0, notDrawn()));
    bad.put("no slot path", first(q -> q.clearSlotPath()));
    bad.put("another's slot path", first(q -> q.setSlotPath(second.getSlotPath())));
    bad.put("a longer slot path", first(q -> q.setSlotPath(q.getSlotPath().concat(bytes(32)))));
    bad.put("another signature", first(q -> q.setSignature(second.getSignature())));
    bad.put("no signature", first(q -> q.clearSignature()));
    bad.put("a slot twice", proof().addSignatures(proof().getSignatures(0)));
    bad.put("index n", first(q -> q.setIndex(N)));
    bad.put("index -1", first(q -> q.setIndex(-1)));
    bad.put("own slot", first(q -> q.setIndex(OWN)));
    Proof.Builder few = proof();
    while (few.getSignaturesCount() >= EIGHT.accepted()) {
      few.removeSignatures(0);
    }
    bad.put("too few", few);
    bad.put("none", Proof.newBuilder());
    Proof.Builder many = proof();
    while (many.getSignaturesCount() <= N) {
      many.addSignatures(proof().getSignatures(0));
    }
    bad.put("more than n", many);
    Proof.Builder unplaced = proof();
    Proof.Builder uncertified = proof();
    Proof.Builder keyless = proof();
    for (int i = 0; i < proof().getSignaturesCount(); i++) {
      QuorumSignature one = proof().getSignatures(i);
      unplaced.setSignatures(i, one.toBuilder().clearPath());
      keyless.setSignatures(i, one.toBuilder().clearKeys());
      uncertified.setSignatures(
          i, one.toBuilder().setKeys(one.getKeys().toBuilder().clearCertificate()));
    }
    bad.put("leaves without a path", unplaced);
    bad.put("signers without keys", keyless);
    bad.put("signers without certificates", uncertified);
    bad.forEach(
        (name, proof) -> {
          bring(State.DRAWN);
          refused(receive(of(KindCase.PROOF, b -> b.setProof(proof))), "PROOF_REFUSED");
        });
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void timeAndStop_inEveryState(State state) {
    Instant end = SumWorld.START.plus(SumWorld.DEADLINE);
    bring(state);
    List<Effect> late = client.on(end, new Event.Woken());
    bring(state);
    List<Effect> stopped = client.on(NOW, new Event.Stop("enough"));
    if (state == State.DONE) {
      assertThat(late).isEmpty();
      assertThat(stopped).isEmpty();
    } else {
      assertThat(((SumResult.Aborted) finished(late)).code()).isEqualTo("DEADLINE");
      refused(stopped, "STOPPED");
    }
  }
}
