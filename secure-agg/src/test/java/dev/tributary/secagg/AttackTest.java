package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Event;
import dev.tributary.wire.Machine;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Roster;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Shares;
import dev.tributary.wire.v1.Survivors;
import dev.tributary.wire.v1.Unmask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table of attacks, by the number of its row, on ten clients. Client 4 is attacked. */
class AttackTest {

  private static final int VICTIM = 4;
  private static final SumParameters TEN =
      SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0.3, 2, 0, 13, 50);

  private SumWorld world = new SumWorld(new Sa1(), TEN, 5);

  private SumResult.Aborted victimAborted(String code) {
    assertThat(world.results[VICTIM]).isInstanceOf(SumResult.Aborted.class);
    SumResult.Aborted aborted = (SumResult.Aborted) world.results[VICTIM];
    assertThat(aborted.code()).isEqualTo(code);
    return aborted;
  }

  private long sentBy(int member, KindCase kind) {
    return sentKinds(member).stream().filter(k -> k == kind).count();
  }

  private final List<List<KindCase>> kinds = new ArrayList<>();

  private List<KindCase> sentKinds(int member) {
    return kinds.isEmpty() ? List.of() : kinds.get(member);
  }

  /** Runs with a bent network and counts what each member sends. */
  private SumResult run(SumWorld.Network bent) {
    kinds.clear();
    for (int i = 0; i < TEN.clients(); i++) {
      kinds.add(new ArrayList<>());
    }
    world.network(
        (from, send) -> {
          if (from >= 0) {
            kinds.get(from).add(send.message().getKindCase());
          }
          return bent.carry(from, send);
        });
    return world.run();
  }

  private static Envelope roster(Envelope message, UnaryOperator<Roster.Builder> change) {
    return message.toBuilder().setRoster(change.apply(message.getRoster().toBuilder())).build();
  }

  /** The roster with its root computed anew, as a coordinator that lies would send it. */
  private Envelope rooted(Envelope message, UnaryOperator<Roster.Builder> change) {
    return roster(
        message,
        r -> {
          Roster.Builder changed = change.apply(r);
          byte[] root = Transcript.of(world.sid).withRoster(changed.getMembersList()).root();
          return changed.setRoot(ByteString.copyFrom(root));
        });
  }

  @Test
  void row7_bothSharesOfOneMember_areNeverReleased() {
    world.drop(0, KindCase.MASKED_INPUT);
    List<Unmask> answers = new ArrayList<>();
    run(
        (from, send) -> {
          if (send.message().hasUnmask()) {
            answers.add(send.message().getUnmask());
          }
          return List.of(send);
        });
    assertThat(answers).isNotEmpty();
    for (Unmask answer : answers) {
      BitSet seeds = Bitmap.decode(answer.getMaskSeedDealers(), 10);
      BitSet selves = Bitmap.decode(answer.getSelfMaskDealers(), 10);
      assertThat(seeds.intersects(selves)).isFalse();
      assertThat(seeds.cardinality() + selves.cardinality()).isEqualTo(10);
    }
  }

  @Test
  void row7_secondProof_getsNothing() {
    run(
        Bend.afterTo(
            VICTIM,
            KindCase.PROOF,
            m -> m.toBuilder().setProof(m.getProof().toBuilder().removeSignatures(0)).build()));
    assertThat(sentBy(VICTIM, KindCase.UNMASK)).isEqualTo(1);
  }

  @Test
  void row7_repeatedProof_getsTheSameBytes() {
    List<Envelope> answers = new ArrayList<>();
    run(
        (from, send) -> {
          if (from == VICTIM && send.message().hasUnmask()) {
            answers.add(send.message());
          }
          return from < 0 && send.message().hasProof() ? List.of(send, send) : List.of(send);
        });
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
  }

  /** Row 9: whoever goes, and whenever, the others finish; beyond the loss there is no sum. */
  @Tag("slow")
  @Test
  void row9_dropoutMatrix() {
    List<KindCase> phases =
        List.of(
            KindCase.ADVERTISE_KEYS,
            KindCase.SHARE_KEYS,
            KindCase.MASKED_INPUT,
            KindCase.SIGNED_SURVIVORS,
            KindCase.UNMASK);
    for (KindCase phase : phases) {
      for (int lost = 0; lost <= 5; lost++) {
        for (boolean declared : new boolean[] {false, true}) {
          SumWorld cell = new SumWorld(new Sa1(), TEN, lost);
          for (int client = 0; client < lost; client++) {
            cell.drop(3 * client % 10, phase);
          }
          if (declared) {
            cell.declaringDrops();
          }
          SumResult result = cell.run();
          String what = lost + " lost before " + phase + (declared ? ", declared" : "");
          if (lost > TEN.toleratedLoss()) {
            assertThat(result).as(what).isInstanceOf(SumResult.Aborted.class);
          } else {
            assertThat(result).as(what).isInstanceOf(SumResult.RingSum.class);
            SumResult.RingSum sum = (SumResult.RingSum) result;
            boolean before = phases.indexOf(phase) <= 2;
            assertThat(sum.survivors().cardinality()).as(what).isEqualTo(before ? 10 - lost : 10);
            assertThat(SumWorld.values(sum.sum()))
                .as(what)
                .isEqualTo(cell.plainSum(sum.survivors()));
          }
        }
      }
    }
  }

  @Test
  void row10_coordinatorReplacesAKey_rosterRefused() {
    byte[] own = KeyAgreement.publicKey(Labels.sha256(new byte[] {9}));
    run(
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            m ->
                rooted(
                    m,
                    r ->
                        r.setMembers(
                            7, r.getMembers(7).toBuilder().setMaskKey(ByteString.copyFrom(own))))));
    assertThat(victimAborted("ROSTER_REFUSED").reason()).contains("member 7").contains("signature");
    assertThat(sentBy(VICTIM, KindCase.SHARE_KEYS)).isZero();
  }

  @Test
  void row10_coordinatorInventsAMember_rosterRefused() {
    Identity invented = Identity.fromSeed(dev.tributary.wire.Seed.of(new byte[32]));
    run(
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            m ->
                rooted(
                    m,
                    r -> {
                      AdvertiseKeys.Builder keys =
                          r.getMembers(7).toBuilder()
                              .setIdentityKey(ByteString.copyFrom(invented.publicKey()));
                      byte[] signed = Transcript.of(world.sid).advertise(keys.build());
                      return r.setMembers(
                          7, keys.setSignature(ByteString.copyFrom(invented.signLabelled(signed))));
                    })));
    assertThat(victimAborted("ROSTER_REFUSED").reason()).contains("another identity");
  }

  @Test
  void row11_rosterRootIsRecomputed() {
    run(
        Bend.to(
            VICTIM,
            KindCase.ROSTER,
            m -> roster(m, r -> r.setRoot(ByteString.copyFrom(new byte[32])))));
    assertThat(victimAborted("ROSTER_REFUSED").reason()).contains("root");
  }

  @Test
  void row11_ownEntryMissingOrChangedOrTwice_rosterRefused() {
    List<UnaryOperator<Roster.Builder>> changes =
        List.of(
            r -> r.removeMembers(VICTIM),
            r ->
                r.setMembers(
                    VICTIM,
                    r.getMembers(VICTIM).toBuilder()
                        .setClientNonce(ByteString.copyFrom(new byte[32]))),
            r -> r.setMembers(VICTIM + 1, r.getMembers(VICTIM)));
    for (UnaryOperator<Roster.Builder> change : changes) {
      world = new SumWorld(new Sa1(), TEN, 6);
      run(Bend.to(VICTIM, KindCase.ROSTER, m -> rooted(m, change)));
      victimAborted("ROSTER_REFUSED");
    }
  }

  @Test
  void row11_messageOfAnotherSession_endsTheSessionWithoutAnAnswer() {
    run(
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            m -> m.toBuilder().setSession(ByteString.copyFrom(new byte[32])).build()));
    victimAborted("PROTOCOL_VIOLATION");
    assertThat(sentBy(VICTIM, KindCase.MASKED_INPUT)).isZero();
  }

  /**
   * Row 12: two camps hear of different survivor sets; neither reaches a quorum, nothing is
   * unmasked.
   */
  @Test
  void row12_twoCamps_noUnmasking() {
    SumResult result =
        run(
            (from, send) -> {
              if (from < 0 && send.message().hasSurvivors() && send.to() < 5) {
                return List.of(
                    new Effect.Send(send.to(), without(send.message(), send.to() == 9 ? 8 : 9)));
              }
              return List.of(send);
            });
    assertThat(((SumResult.Aborted) result).code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(((SumResult.Aborted) result).unmaskingAnswered()).isFalse();
    for (int i = 0; i < 10; i++) {
      assertThat(sentBy(i, KindCase.UNMASK)).isZero();
    }
  }

  private static Envelope without(Envelope survivors, int index) {
    BitSet set = Bitmap.decode(survivors.getSurvivors().getSurvivors(), 10);
    set.clear(index);
    return survivors.toBuilder()
        .setSurvivors(
            Survivors.newBuilder().setSurvivors(ByteString.copyFrom(Bitmap.encode(set, 10))))
        .build();
  }

  /** The coordinator leaves the victim out for its signature, but sends it the others' proof. */
  @Test
  void row12_proofOverAnotherSet_isRefused() {
    run(
        (from, send) -> {
          if (from < 0 && send.to() == VICTIM && send.message().hasSurvivors()) {
            return List.of(new Effect.Send(VICTIM, without(send.message(), 8)));
          }
          if (from < 0 && send.to() == 0 && send.message().hasProof()) {
            return List.of(send, new Effect.Send(VICTIM, send.message()));
          }
          boolean truth = send.message().hasProof() || send.message().hasAbort();
          return from < 0 && send.to() == VICTIM && truth ? List.of() : List.of(send);
        });
    victimAborted("PROOF_REFUSED");
    assertThat(sentBy(VICTIM, KindCase.UNMASK)).isZero();
  }

  @Test
  void row12_secondSurvivorSet_isNotSigned() {
    run(Bend.afterTo(VICTIM, KindCase.SURVIVORS, m -> without(m, 8)));
    victimAborted("PROTOCOL_VIOLATION");
    assertThat(sentBy(VICTIM, KindCase.SIGNED_SURVIVORS)).isEqualTo(1);
  }

  @Test
  void row12_badSurvivorSets_areNotSigned() {
    List<UnaryOperator<Envelope>> changes =
        List.of(
            m -> without(m, VICTIM),
            m -> without(without(without(without(m, 0), 1), 2), 3),
            m -> survivors(m, new byte[] {-1, 7}),
            m -> survivors(m, new byte[] {-1}),
            m -> survivors(m, new byte[] {-1, 3, 0}));
    for (UnaryOperator<Envelope> change : changes) {
      world = new SumWorld(new Sa1(), TEN, 7);
      run(Bend.to(VICTIM, KindCase.SURVIVORS, change));
      victimAborted("SURVIVORS_REFUSED");
      assertThat(sentBy(VICTIM, KindCase.SIGNED_SURVIVORS)).isZero();
    }
    world = new SumWorld(new Sa1(), TEN, 7);
    world.drop(0, KindCase.SHARE_KEYS);
    run(Bend.to(VICTIM, KindCase.SURVIVORS, m -> survivors(m, new byte[] {-1, 3})));
    assertThat(victimAborted("SURVIVORS_REFUSED").reason()).contains("not shared");
  }

  /**
   * Row 12: enough live neighbours, but fewer survivors than the dropout that was agreed leaves.
   */
  @Test
  void row12_survivorsBelowTheFloor_areNotSigned() {
    SumParameters nine = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0.1, 2, 0, 13, 50);
    world = new SumWorld(new Sa1(), nine, 13);
    run(Bend.to(VICTIM, KindCase.SURVIVORS, m -> without(without(m, 8), 9)));
    assertThat(victimAborted("SURVIVORS_REFUSED").reason()).contains("8 survivors").contains("9");
    assertThat(sentBy(VICTIM, KindCase.SIGNED_SURVIVORS)).isZero();
  }

  private static Envelope survivors(Envelope message, byte[] bitmap) {
    return message.toBuilder()
        .setSurvivors(Survivors.newBuilder().setSurvivors(ByteString.copyFrom(bitmap)))
        .build();
  }

  @Test
  void row12_badProofs_areRefused() {
    List<UnaryOperator<Proof.Builder>> changes =
        List.of(
            p -> p.removeSignatures(0),
            p -> p.setSignatures(0, p.getSignatures(1)),
            p -> p.setSignatures(0, p.getSignatures(0).toBuilder().setIndex(10)),
            p -> p.setSignatures(0, p.getSignatures(0).toBuilder().setIndex(-1)),
            p ->
                p.setSignatures(
                    0,
                    QuorumSignature.newBuilder()
                        .setIndex(p.getSignatures(0).getIndex())
                        .setSignature(ByteString.copyFrom(new byte[64]))),
            p -> {
              for (int i = 0; i < 10; i++) {
                p.addSignatures(p.getSignatures(0));
              }
              return p;
            });
    for (UnaryOperator<Proof.Builder> change : changes) {
      world = new SumWorld(new Sa1(), TEN, 8);
      run(
          Bend.to(
              VICTIM,
              KindCase.PROOF,
              m -> m.toBuilder().setProof(change.apply(m.getProof().toBuilder())).build()));
      victimAborted("PROOF_REFUSED");
      assertThat(sentBy(VICTIM, KindCase.UNMASK)).isZero();
    }
  }

  /**
   * Row 13: the coordinator gives the victim another model, so another plan and session, and
   * carries its messages over. What the victim signs holds in its own session alone.
   */
  @Test
  void row13_anotherModelForOneClient_itsKeysDoNotVerify() {
    ByteString sid = ByteString.copyFrom(world.sid);
    byte[] other = world.sid.clone();
    other[0] ^= 1;
    world.clients[VICTIM] =
        new Sa1()
            .open(
                SumSession.client(
                        TEN,
                        other,
                        VICTIM,
                        world.identities[VICTIM],
                        world.certificates[VICTIM],
                        world.authority.anchors().verifier(),
                        Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(TEN)))
                    .withFloors(Floors.NONE));
    SumResult result =
        run(
            (from, send) -> {
              ByteString session =
                  from == VICTIM ? sid : send.to() == VICTIM ? ByteString.copyFrom(other) : null;
              return session == null
                  ? List.of(send)
                  : List.of(
                      new Effect.Send(
                          send.to(),
                          send.message().toBuilder().setSession(session).build(),
                          send.body()));
            });
    SumResult.RingSum sum = (SumResult.RingSum) result;
    assertThat(sum.survivors().get(VICTIM)).isFalse();
    assertThat(sum.dropped()).containsEntry(VICTIM, DropReason.INVALID_PUBLIC_KEY);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    assertThat(sentBy(VICTIM, KindCase.MASKED_INPUT)).isZero();
  }

  @Test
  void row16_smallCohorts_areRefused() {
    run(Bend.to(VICTIM, KindCase.ROSTER, m -> rooted(m, r -> keep(r, 6))));
    assertThat(victimAborted("ROSTER_REFUSED").reason()).contains("6 members");
    SumParameters nine = SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 9, 0, 0, 9, 0, 8, 1);
    SumSession session =
        SumSession.client(
            nine,
            new byte[32],
            0,
            world.identities[0],
            null,
            TrustAnchors.trustOnFirstUse().verifier(),
            Schedule.of(SumWorld.START, SumWorld.DEADLINE, new Sa1().steps(nine)));
    assertThatThrownBy(() -> new Sa1().open(session))
        .isInstanceOf(SumParametersException.class)
        .hasMessageContaining("joins 10")
        .hasMessageContaining("sums of >= 10");
    assertThat(session.effectiveMode()).as("trust on first use").isEqualTo(Mode.CURIOUS);
  }

  private static Roster.Builder keep(Roster.Builder roster, int members) {
    while (roster.getMembersCount() > members) {
      roster.removeMembers(roster.getMembersCount() - 1);
    }
    return roster;
  }

  @Test
  void row16_fewSharers_getNoInput() {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.CURIOUS, 10, 0, 0.4, 6, 0, 13, 50);
    world = new SumWorld(new Sa1(), p, 9);
    BitSet five = new BitSet();
    five.set(0, 5);
    run(
        Bend.to(
            VICTIM,
            KindCase.SHARES,
            m ->
                m.toBuilder()
                    .setShares(
                        Shares.newBuilder()
                            .setSharers(ByteString.copyFrom(Bitmap.encode(five, 10)))
                            .setCiphertexts(m.getShares().getCiphertexts().substring(0, 4 * 100)))
                    .build()));
    victimAborted("NOT_ENOUGH_CLIENTS");
    assertThat(sentBy(VICTIM, KindCase.MASKED_INPUT)).isZero();
  }

  /**
   * Row 17: the coordinator starts again with other shares after the input; nothing more is masked.
   */
  @Test
  void row17_restartWithinASession_givesNoSecondInput() {
    for (KindCase kind : List.of(KindCase.ROSTER, KindCase.SHARES)) {
      world = new SumWorld(new Sa1(), TEN, 10);
      world.inputsFirst();
      run(
          Bend.afterTo(
              VICTIM,
              kind,
              m ->
                  kind == KindCase.ROSTER
                      ? rooted(m, r -> r.removeMembers(9))
                      : m.toBuilder()
                          .setShares(
                              m.getShares().toBuilder()
                                  .setCiphertexts(m.getShares().getCiphertexts().substring(100)))
                          .build()));
      victimAborted("PROTOCOL_VIOLATION");
      assertThat(sentBy(VICTIM, KindCase.MASKED_INPUT)).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void row17_inputIsSetOnce_andRepeatsGetTheSameBytes() {
    List<byte[]> bodies = new ArrayList<>();
    world.inputsFirst();
    run(
        (from, send) -> {
          if (from == VICTIM && send.body() != null) {
            bodies.add(Bend.bytes(send.body()));
          }
          return from < 0 && send.message().hasShares() ? List.of(send, send) : List.of(send);
        });
    assertThat(bodies).hasSize(2);
    assertThat(bodies.get(0)).isEqualTo(bodies.get(1));
    SumWorld other = new SumWorld(new Sa1(), TEN, 11);
    Machine client = other.clients[0];
    client.on(SumWorld.START, new Event.Start(dev.tributary.wire.Seed.of(new byte[32])));
    client.on(SumWorld.START, other.input(0));
    assertThatThrownBy(() -> client.on(SumWorld.START, other.input(0)))
        .isInstanceOf(IllegalStateException.class);
  }

  /** Row 18: the same secrets in another session, or under another roster, give other masks. */
  @Test
  void row18_masksAreBoundToTheSession() {
    byte[] secret = Labels.sha256(new byte[] {1});
    byte[] other = KeyAgreement.publicKey(Labels.sha256(new byte[] {2}));
    List<AdvertiseKeys> roster = List.of(AdvertiseKeys.getDefaultInstance());
    List<AdvertiseKeys> longer = List.of(roster.get(0), roster.get(0));
    byte[] first = key(new byte[32], roster, secret, other, 0, 1);
    assertThat(key(Labels.sha256(new byte[0]), roster, secret, other, 0, 1)).isNotEqualTo(first);
    assertThat(key(new byte[32], longer, secret, other, 0, 1)).isNotEqualTo(first);
    assertThat(key(new byte[32], roster, secret, other, 0, 2)).isNotEqualTo(first);
    assertThat(key(new byte[32], roster, secret, other, 1, 0)).isEqualTo(first);
  }

  private static byte[] key(
      byte[] sid, List<AdvertiseKeys> roster, byte[] secret, byte[] other, int i, int j) {
    BitSet others = new BitSet();
    others.set(j);
    byte[][] keys =
        new EdgeKeys(Transcript.of(sid).withRoster(roster))
            .edges(secret, i, others, new byte[][] {other}, null);
    return Objects.requireNonNull(keys)[0];
  }

  /** Row 19: R0 and R2 of an earlier session, put into an envelope of this one, are refused. */
  @Test
  void row19_replayOfAnotherSession_isDropped() {
    List<Effect.Send> old = new ArrayList<>();
    SumWorld earlier = new SumWorld(new Sa1(), TEN, 5, true);
    earlier.network(
        (from, send) -> {
          if (from == VICTIM) {
            old.add(send);
          }
          return List.of(send);
        });
    earlier.run();
    for (KindCase kind : List.of(KindCase.ADVERTISE_KEYS, KindCase.MASKED_INPUT)) {
      // The same people, but a session of another plan.
      world = new SumWorld(new Sa1(), TEN, 5);
      byte[] sid = world.sid;
      sid[0] ^= 1;
      world = world.again(sid);
      Effect.Send replayed =
          old.stream().filter(s -> s.message().getKindCase() == kind).findFirst().orElseThrow();
      SumResult result =
          run(
              (from, send) ->
                  from == VICTIM && send.message().getKindCase() == kind
                      ? List.of(
                          new Effect.Send(
                              send.to(),
                              replayed.message().toBuilder()
                                  .setSession(send.message().getSession())
                                  .build(),
                              replayed.body()))
                      : List.of(send));
      assertThat(((SumResult.RingSum) result).dropped())
          .containsExactly(
              java.util.Map.entry(
                  VICTIM,
                  kind == KindCase.ADVERTISE_KEYS
                      ? DropReason.INVALID_PUBLIC_KEY
                      : DropReason.INVALID_MASKED_INPUT));
    }
  }

  /** Section 7: j sends i a ciphertext that does not open; both survive and the sum is exact. */
  @Test
  void badCiphertext_sumIsExactAndReported() {
    List<AdvertiseKeys> members = new ArrayList<>();
    SumResult result =
        run(
            (from, send) -> {
              if (from < 0 && send.message().hasRoster() && members.isEmpty()) {
                members.addAll(send.message().getRoster().getMembersList());
              }
              if (from != 2 || !send.message().hasShareKeys()) {
                return List.of(send);
              }
              byte[] bytes = send.message().getShareKeys().getCiphertexts().toByteArray();
              bytes[100 * (VICTIM - 1) + 9] ^= 1;
              ShareKeys.Builder shares =
                  ShareKeys.newBuilder().setCiphertexts(ByteString.copyFrom(bytes));
              byte[] signed = Transcript.of(world.sid).withRoster(members).shares(shares.build());
              shares.setSignature(ByteString.copyFrom(world.identities[2].signLabelled(signed)));
              return List.of(
                  new Effect.Send(
                      send.to(), send.message().toBuilder().setShareKeys(shares).build()));
            });
    SumResult.RingSum sum = (SumResult.RingSum) result;
    assertThat(sum.survivors().cardinality()).isEqualTo(10);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    assertThat(((SumResult.Contributed) world.results[VICTIM]).unreadableShares())
        .containsExactly(2);
  }

  /** What these holders answer, with every share disturbed. */
  private static SumWorld.Network wrongShares(Set<Integer> holders) {
    return (from, send) -> {
      if (!holders.contains(from) || !send.message().hasUnmask()) {
        return List.of(send);
      }
      Unmask answer = send.message().getUnmask();
      return List.of(
          new Effect.Send(
              send.to(),
              send.message().toBuilder()
                  .setUnmask(
                      answer.toBuilder()
                          .setSelfMaskShares(disturbed(answer.getSelfMaskShares(), from))
                          .setMaskSeedShares(disturbed(answer.getMaskSeedShares(), from)))
                  .build()));
    };
  }

  /** At random, so that two wrong shares do not make up for each other. */
  private static ByteString disturbed(ByteString shares, int holder) {
    Random random = new Random(holder);
    byte[] bytes = shares.toByteArray();
    for (int at = 2; at < bytes.length; at += 40) {
      bytes[at] ^= (byte) (1 + random.nextInt(255));
      bytes[at + 1] ^= (byte) random.nextInt(256);
    }
    return ByteString.copyFrom(bytes);
  }

  /** Row 20: three answers beyond t correct one holder, whatever it does to whom. */
  @Test
  void row20_oneWrongHolder_isCorrectedAndRecorded() {
    int corrected = 0;
    for (int seed = 20; seed < 28; seed++) {
      world = new SumWorld(new Sa1(), TEN, seed);
      SumResult result = run(wrongShares(Set.of(2)));
      assertThat(result).as("seed %d", seed).isInstanceOf(SumResult.RingSum.class);
      SumResult.RingSum sum = (SumResult.RingSum) result;
      assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
      assertThat(sum.wrongShares()).as("seed %d", seed).allMatch(wrong -> wrong.holder() == 2);
      corrected += sum.wrongShares().isEmpty() ? 0 : 1;
    }
    assertThat(corrected).as("rounds in which the wrong shares were among the first").isPositive();
  }

  /** Row 20: the same for a lost member's mask seed, on 13 clients of whom two are wrong. */
  @Test
  void row20_twoWrongHolders_areCorrectedWithALostMember() {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.CURIOUS, 13, 0, 0.4, 2, 0, 13, 50);
    world = new SumWorld(new Sa1(), p, 21);
    world.drop(3, KindCase.MASKED_INPUT);
    world.network(wrongShares(Set.of(0, 12)));
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    assertThat(sum.wrongShares())
        .contains(new SumResult.WrongShare(0, 0), new SumResult.WrongShare(0, 12))
        .allMatch(wrong -> wrong.holder() == 0 || wrong.holder() == 12);
  }

  /** Row 20: with too few answers to correct, no sum and no wrong sum; nobody waits in vain. */
  @Test
  void row20_tooFewToCorrect_abortsNamingTheDealer() {
    for (int seed = 20; seed < 26; seed++) {
      world = new SumWorld(new Sa1(), TEN, seed);
      world.drop(8, KindCase.UNMASK);
      world.drop(9, KindCase.UNMASK);
      SumResult result = run(wrongShares(Set.of(1, 5)));
      SumResult.Aborted aborted = (SumResult.Aborted) result;
      assertThat(aborted.code()).isEqualTo("WRONG_SHARES");
      assertThat(aborted.reason()).contains("slot 0");
    }
  }

  /**
   * Row 20: a dealer whose shares give another secret than it advertised stops the round and is
   * named; never a wrong sum.
   */
  @Test
  void row20_wrongDealer_abortsNamingIt() {
    SumResult result =
        run(
            (from, send) -> {
              if (from < 0 || !send.message().hasUnmask()) {
                return List.of(send);
              }
              byte[] shares = send.message().getUnmask().getSelfMaskShares().toByteArray();
              shares[40 * 6 + 7] ^= 1;
              return List.of(
                  new Effect.Send(
                      send.to(),
                      send.message().toBuilder()
                          .setUnmask(
                              send.message().getUnmask().toBuilder()
                                  .setSelfMaskShares(ByteString.copyFrom(shares)))
                          .build()));
            });
    SumResult.Aborted aborted = (SumResult.Aborted) result;
    assertThat(aborted.code()).isEqualTo("WRONG_SHARES");
    assertThat(aborted.reason()).contains("slot 6");
    assertThat(aborted.unmaskingAnswered()).isTrue();
  }

  /** Row 20: the same for the mask seed of a lost member. */
  @Test
  void row20_wrongDealerOfASeed_abortsNamingIt() {
    world.drop(3, KindCase.MASKED_INPUT);
    SumResult result =
        run(
            (from, send) -> {
              if (from < 0 || !send.message().hasUnmask()) {
                return List.of(send);
              }
              byte[] shares = send.message().getUnmask().getMaskSeedShares().toByteArray();
              shares[39] ^= 1;
              return List.of(
                  new Effect.Send(
                      send.to(),
                      send.message().toBuilder()
                          .setUnmask(
                              send.message().getUnmask().toBuilder()
                                  .setMaskSeedShares(ByteString.copyFrom(shares)))
                          .build()));
            });
    assertThat(((SumResult.Aborted) result).reason()).contains("slot 3");
  }

  /** Row 23: sizes are held against the parameters before anything is verified or allocated. */
  @Test
  void row23_oversizedMessages_areRefused() {
    List<UnaryOperator<Envelope>> changes =
        List.of(
            m ->
                m.hasRoster()
                    ? roster(
                        m,
                        r -> {
                          for (int i = 0; i < 100_000; i++) {
                            r.addMembers(AdvertiseKeys.getDefaultInstance());
                          }
                          return r;
                        })
                    : m,
            m ->
                m.hasShares()
                    ? m.toBuilder()
                        .setShares(
                            m.getShares().toBuilder()
                                .setSharers(ByteString.copyFrom(new byte[1 << 20])))
                        .build()
                    : m,
            m ->
                m.hasShares()
                    ? m.toBuilder()
                        .setShares(
                            m.getShares().toBuilder()
                                .setCiphertexts(ByteString.copyFrom(new byte[1 << 20])))
                        .build()
                    : m);
    for (UnaryOperator<Envelope> change : changes) {
      world = new SumWorld(new Sa1(), TEN, 12);
      run(
          (from, send) ->
              from < 0 && send.to() == VICTIM
                  ? List.of(new Effect.Send(send.to(), change.apply(send.message())))
                  : List.of(send));
      assertThat(world.results[VICTIM]).isInstanceOf(SumResult.Aborted.class);
      assertThat(sentBy(VICTIM, KindCase.MASKED_INPUT)).isZero();
    }
    assertThat(Arrays.asList(world.results)).isNotEmpty();
  }
}
