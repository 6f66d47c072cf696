package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.v1.Choice;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Neighbour;
import dev.tributary.wire.v1.Neighbours;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Shares;
import dev.tributary.wire.v1.Survivors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A coordinator that lies about choices, to client 4 of twelve that choose five each. */
class ChosenAttackTest {

  private static final int N = 12;
  private static final int VICTIM = 4;
  private static final int DEGREE = 5;
  private static final SumParameters TWELVE =
      InjectedSa1.parameters(Mode.MALICIOUS, N, 0.3, DEGREE, 3, 7, 20);

  private final Envelope[] choices = new Envelope[N];
  private final List<KindCase> fromVictim = new ArrayList<>();
  private final List<KindCase> toVictim = new ArrayList<>();
  private byte[] root = new byte[0];
  private SumWorld world;

  @BeforeEach
  void world() {
    world = new SumWorld(new InjectedSa1(), TWELVE, 5);
    fromVictim.clear();
    toVictim.clear();
  }

  private SumResult run(SumWorld.Network bent) {
    world.network(
        (from, send) -> {
          if (from >= 0 && send.message().hasChoice()) {
            choices[from] = send.message();
          }
          if (from < 0 && send.message().hasRoster()) {
            root = send.message().getRoster().getRoot().toByteArray();
          }
          List<Effect.Send> carried = bent.carry(from, send);
          if (from == VICTIM) {
            fromVictim.add(send.message().getKindCase());
          } else if (from < 0 && send.to() == VICTIM) {
            carried.forEach(one -> toVictim.add(one.message().getKindCase()));
          }
          return carried;
        });
    return world.run();
  }

  private SumResult.Aborted victim(String code) {
    assertThat(world.results[VICTIM]).isInstanceOf(SumResult.Aborted.class);
    SumResult.Aborted aborted = (SumResult.Aborted) world.results[VICTIM];
    assertThat(aborted.code()).as(aborted.reason()).isEqualTo(code);
    return aborted;
  }

  private int[] chosenBy(int member) {
    return Choices.decode(choices[member].getChoice().getIndices(), N, member, DEGREE);
  }

  private static Envelope neighbours(Envelope message, UnaryOperator<Neighbours.Builder> change) {
    return message.toBuilder()
        .setNeighbours(change.apply(message.getNeighbours().toBuilder()))
        .build();
  }

  /** What a change of the victim's neighbours makes it say; no key share has left by then. */
  private String refused(UnaryOperator<Neighbours.Builder> change) {
    world();
    run(Bend.to(VICTIM, KindCase.NEIGHBOURS, m -> neighbours(m, change)));
    assertThat(fromVictim).doesNotContain(KindCase.SHARE_KEYS);
    return victim("ROSTER_REFUSED").reason();
  }

  /** The place of the first neighbour that has chosen the victim. */
  private static int chooser(Neighbours.Builder of) {
    for (int i = 0; i < of.getMembersCount(); i++) {
      if (of.getMembers(i).hasChoice()) {
        return i;
      }
    }
    throw new AssertionError("nobody has chosen the victim");
  }

  private static Neighbours.Builder change(
      Neighbours.Builder of, int at, UnaryOperator<Neighbour.Builder> how) {
    return of.setMembers(at, how.apply(of.getMembers(at).toBuilder()));
  }

  private UnaryOperator<Neighbours.Builder> choice(UnaryOperator<Choice.Builder> how) {
    return r -> change(r, chooser(r), m -> m.setChoice(how.apply(m.getChoice().toBuilder())));
  }

  private static ByteString bytes(byte[] some) {
    return ByteString.copyFrom(some);
  }

  @Test
  void honest_theSumIsExact() {
    SumResult.RingSum sum = (SumResult.RingSum) run((from, send) -> List.of(send));
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    for (int i = 0; i < N; i++) {
      assertThat(chosenBy(i)).hasSize(DEGREE).doesNotContain(i);
    }
  }

  @Test
  void row24_forgedChoices_areRefused() {
    assertThat(refused(choice(c -> c.setSignature(bytes(new byte[64])))))
        .contains("has not signed its choice");
    assertThat(refused(choice(c -> c.clearSignature()))).contains("has not signed its choice");
    // Its own index in place of another: the victim is still in it, but nobody signed it so.
    assertThat(
            refused(
                r ->
                    change(
                        r,
                        chooser(r),
                        m -> {
                          int j = m.getIndex();
                          int[] other = Choices.draw(N, j, DEGREE, Labels.sha256(new byte[] {7}));
                          if (Arrays.binarySearch(other, VICTIM) < 0) {
                            other[0] = VICTIM;
                            Arrays.sort(other);
                          }
                          return m.setChoice(
                              m.getChoice().toBuilder().setIndices(Choices.encode(other)));
                        })))
        .containsAnyOf("has not signed its choice", "has not chosen this client");
  }

  /** Row 19: the choice of a member in another session, or under another root. */
  @Test
  void row19_choiceOfAnotherSessionOrRoot_isRefused() {
    for (boolean session : new boolean[] {true, false}) {
      assertThat(
              refused(
                  r ->
                      change(
                          r,
                          chooser(r),
                          m -> {
                            Transcript other =
                                session
                                    ? Transcript.of(Labels.sha256(world.sid)).withRoot(root)
                                    : Transcript.of(world.sid).withRoot(Labels.sha256(root));
                            byte[] signed = other.choice(m.getChoice().getIndices().toByteArray());
                            return m.setChoice(
                                m.getChoice().toBuilder()
                                    .setSignature(
                                        bytes(
                                            world.identities[m.getIndex()].signLabelled(signed))));
                          })))
          .contains("has not signed its choice");
    }
  }

  @Test
  void row24_strangersAmongTheNeighbours_areRefused() {
    assertThat(refused(choice(c -> c.clearIndices()))).contains("has not chosen this client");
    assertThat(refused(choice(c -> c.setIndices(c.getIndices().substring(4)))))
        .contains("has not chosen this client");
    assertThat(refused(r -> r.addMembers(r.getMembers(0)))).contains("out of order");
    assertThat(
            refused(
                r -> {
                  int at = chooser(r);
                  return Arrays.binarySearch(chosenBy(VICTIM), r.getMembers(at).getIndex()) >= 0
                      ? r.setMembers(at, r.getMembers(at).toBuilder().setIndex(VICTIM))
                      : change(r, at, m -> m.clearChoice());
                }))
        .containsAnyOf("is no neighbour", "has not chosen this client");
    assertThat(refused(r -> change(r, 0, m -> m.setPath(bytes(new byte[128])))))
        .contains("not under the root");
  }

  /** Row 24: whom the victim has drawn is drawn after the root, once, and never again. */
  @Test
  void row24_choiceComesAfterTheRoot_once() {
    run(
        Bend.afterTo(
            VICTIM,
            KindCase.ROSTER,
            m ->
                m.toBuilder()
                    .setRoster(m.getRoster().toBuilder().setRoot(bytes(new byte[32])))
                    .build()));
    victim("PROTOCOL_VIOLATION");
    assertThat(fromVictim).containsOnlyOnce(KindCase.CHOICE).doesNotContain(KindCase.MASKED_INPUT);
    world();
    run(
        (from, send) ->
            from < 0 && send.to() == VICTIM && send.message().hasRoster()
                ? List.of()
                : List.of(send));
    assertThat(fromVictim).doesNotContain(KindCase.CHOICE);
  }

  /** Row 24: fewer than t of those whom the victim drew, and any number of others. */
  @Test
  void row24_victimSurroundedByChoosers_isRefused() {
    String reason =
        refused(
            r -> {
              List<Neighbour> kept = new ArrayList<>();
              int drawn = 0;
              for (Neighbour one : r.getMembersList()) {
                boolean own = Arrays.binarySearch(chosenBy(VICTIM), one.getIndex()) >= 0;
                if (one.hasChoice() && !own || own && drawn++ < 2) {
                  kept.add(one);
                }
              }
              return Neighbours.newBuilder().addAllMembers(kept);
            });
    assertThat(reason).contains("2 neighbours hold shares, must be >= 3");
  }

  /** Row 24: all but t of those whom the victim drew are kept from it, and yet are in U2. */
  @Test
  void row24_hiddenChoice_isNoticedInTheSharers() {
    int[] dealers = new int[1];
    byte[] all = {-1, 15};
    run(
        (from, send) -> {
          Envelope message = send.message();
          if (from < 0 && send.to() == VICTIM && message.hasNeighbours()) {
            Neighbours.Builder kept = Neighbours.newBuilder();
            int drawn = 0;
            for (Neighbour one : message.getNeighbours().getMembersList()) {
              boolean own = Arrays.binarySearch(chosenBy(VICTIM), one.getIndex()) >= 0;
              if (!own || drawn++ < 3) {
                kept.addMembers(one);
                dealers[0] += one.hasChoice() ? 1 : 0;
              }
            }
            return List.of(
                new Effect.Send(VICTIM, message.toBuilder().setNeighbours(kept).build()));
          }
          if (from < 0 && send.to() == VICTIM && !message.hasRoster()) {
            return List.of();
          }
          if (from < 0 && send.to() == 0 && message.hasShares()) {
            Shares shares =
                Shares.newBuilder()
                    .setSharers(bytes(all))
                    .setCiphertexts(bytes(new byte[100 * dealers[0]]))
                    .build();
            return List.of(
                send, new Effect.Send(VICTIM, message.toBuilder().setShares(shares).build()));
          }
          return List.of(send);
        });
    assertThat(victim("PROTOCOL_VIOLATION").reason()).contains("was not shown");
    assertThat(fromVictim).contains(KindCase.SHARE_KEYS).doesNotContain(KindCase.MASKED_INPUT);
  }

  /**
   * Row 24: a choice that is kept from the one whom it names. The chooser masks that edge all the
   * same, so the coordinator has spoilt its own sum, and nobody's vector is nearer.
   */
  @Test
  void row24_omittedChoice_spoilsTheCoordinatorsSumAlone() {
    int[] kept = new int[1];
    SumResult result =
        run(
            (from, send) -> {
              if (from < 0 && send.to() == VICTIM && send.message().hasNeighbours()) {
                Neighbours.Builder left = send.message().getNeighbours().toBuilder();
                for (int i = left.getMembersCount() - 1; i >= 0; i--) {
                  Neighbour one = left.getMembers(i);
                  if (one.hasChoice()
                      && Arrays.binarySearch(chosenBy(VICTIM), one.getIndex()) < 0) {
                    left.removeMembers(i);
                    kept[0]++;
                    break;
                  }
                }
                return List.of(
                    new Effect.Send(
                        VICTIM, send.message().toBuilder().setNeighbours(left).build()));
              }
              if (from < 0 && send.to() == VICTIM && send.message().hasShares()) {
                Shares shares = send.message().getShares();
                ByteString fewer =
                    shares.getCiphertexts().substring(100 * kept[0]); // sizes alone fit
                return List.of(
                    new Effect.Send(
                        VICTIM,
                        send.message().toBuilder()
                            .setShares(shares.toBuilder().setCiphertexts(fewer))
                            .build()));
              }
              return List.of(send);
            });
    assertThat(kept[0]).isEqualTo(1);
    if (result instanceof SumResult.RingSum sum) {
      assertThat(SumWorld.values(sum.sum())).isNotEqualTo(world.plainSum(sum.survivors()));
    }
  }

  /** Row 12: two camps hear of different survivors; neither has a quorum, nothing is opened. */
  @Test
  void row12_twoCamps_noUnmasking() {
    boolean[] opened = new boolean[1];
    SumResult result =
        run(
            (from, send) -> {
              opened[0] |= send.message().hasUnmask();
              if (from < 0 && send.message().hasSurvivors() && send.to() % 2 == 0) {
                BitSet fewer = new BitSet();
                fewer.set(0, N);
                fewer.clear(send.to() == 11 ? 10 : 11);
                return List.of(
                    new Effect.Send(
                        send.to(),
                        send.message().toBuilder()
                            .setSurvivors(
                                Survivors.newBuilder().setSurvivors(bytes(Bitmap.encode(fewer, N))))
                            .build()));
              }
              return List.of(send);
            });
    assertThat(((SumResult.Aborted) result).code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(opened[0]).isFalse();
  }

  /** Rows 12 and 16: signers that are not under the root, not certified, or one in many places. */
  @Test
  void row12_row16_signersThatAreNoMembers_doNotCount() {
    Identity sybil = Identity.fromSeed(dev.tributary.wire.Seed.of(new byte[32]));
    List<UnaryOperator<QuorumSignature.Builder>> changes =
        List.of(
            q -> q.clearKeys(),
            q -> q.clearPath(),
            q -> q.setSignature(bytes(new byte[64])),
            q -> q.setIndex((q.getIndex() + 1) % N),
            q -> q.setKeys(q.getKeys().toBuilder().clearCertificate()),
            q -> q.setKeys(q.getKeys().toBuilder().setIdentityKey(bytes(sybil.publicKey()))));
    for (UnaryOperator<QuorumSignature.Builder> change : changes) {
      world();
      run(
          Bend.to(
              VICTIM,
              KindCase.PROOF,
              m -> {
                // Seven signatures are the quorum: one that does not count is one too few.
                Proof.Builder proof = m.getProof().toBuilder();
                int at = proof.getSignatures(0).getIndex() == VICTIM ? 1 : 0;
                return m.toBuilder()
                    .setProof(
                        proof.setSignatures(at, change.apply(proof.getSignatures(at).toBuilder())))
                    .build();
              }));
      victim("PROOF_REFUSED");
      assertThat(fromVictim).doesNotContain(KindCase.UNMASK);
    }
  }

  /** Row 8: k, t and q of the coordinator's choice. */
  @Test
  void row8_anotherDegreeThresholdOrQuorum_isRefused() {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 1025, .1, .1, 2, 0, 20, 40);
    assertThat(new int[] {p.degree(), p.threshold(), p.quorum()}).containsExactly(52, 28, 564);
    int[][] weaker = {{51, 28, 564}, {0, 28, 564}, {52, 27, 564}, {52, 28, 563}, {0, 684, 683}};
    for (int[] other : weaker) {
      SumParameters weak =
          new SumParameters(
              Sa1.ID, Mode.MALICIOUS, 1025, .1, .1, other[0], other[1], other[2], 0, 2, 0, 20, 40);
      assertThat(new Sa1().check(weak)).as(Arrays.toString(other)).isNotEmpty();
    }
  }

  /** Lying clients: choices of the wrong size, of nobody, of oneself, unsigned. */
  @Test
  void row23_badChoices_dropTheChooser() {
    List<UnaryOperator<Choice.Builder>> changes =
        List.of(
            c -> c.setIndices(c.getIndices().substring(4)),
            c -> c.setIndices(c.getIndices().concat(bytes(new byte[] {0, 0, 0, 11}))),
            c -> c.setIndices(Choices.encode(new int[] {0, 1, 2, 3, VICTIM})),
            c -> c.setIndices(Choices.encode(new int[] {0, 1, 2, 3, N})),
            c -> c.setIndices(Choices.encode(new int[] {0, 1, 2, 3, 3})),
            c -> c.setIndices(Choices.encode(new int[] {-1, 0, 1, 2, 3})),
            c -> c.setSignature(bytes(new byte[64])),
            c -> c.setIndices(ByteString.copyFrom(new byte[1 << 20])));
    for (UnaryOperator<Choice.Builder> change : changes) {
      world();
      SumResult result =
          run(
              Bend.from(
                  VICTIM,
                  KindCase.CHOICE,
                  m -> m.toBuilder().setChoice(change.apply(m.getChoice().toBuilder())).build()));
      SumResult.RingSum sum = (SumResult.RingSum) result;
      assertThat(sum.dropped()).containsEntry(VICTIM, DropReason.INVALID_CHOICE);
      assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    }
  }
}
