package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.v1.Commitment;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.Proof;
import dev.tributary.wire.v1.QuorumSignature;
import dev.tributary.wire.v1.Sample;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sampled quorum: its sizes, the coordinator that adapts to draws, and one that lies. */
class SampledQuorumTest {

  private static final int N = 10_000;
  private static final int CORRUPT = 500;
  private static final int DROPPED = 500;
  private static final int QUORUM = 5251;
  private static final int SIZE = SampledQuorum.size(N, CORRUPT, DROPPED, QUORUM);
  private static final int ACCEPTS = SampledQuorum.accepts(N, CORRUPT, DROPPED, SIZE);

  /** m = ceil(40 ln 2 / (2 g^2)) and ceil(theta m), by doubles. */
  @ParameterizedTest
  @CsvSource({
    "10000, 500, 500",
    "5000, 0, 0",
    "100000, 10000, 10000",
    "4097, 409, 819",
    "1000000, 330000, 100000"
  })
  void size_isThatOfTheInequality(int n, int corrupt, int dropped) {
    double p1 = (1 + (double) corrupt / n) / 2;
    double p2 = 1 - (double) dropped / n;
    double g = (p2 - p1) / 2;
    int size = (int) Math.ceil(40 * Math.log(2) / (2 * g * g));
    assertThat(SampledQuorum.size(n, corrupt, dropped, n)).isBetween(size, size + 1);
    assertThat(SampledQuorum.accepts(n, corrupt, dropped, size))
        .isEqualTo((int) Math.ceil((p1 + p2) / 2 * size));
  }

  @Test
  void size_smallCohortsOrMargins_checkAll() {
    assertThat(SampledQuorum.size(4096, 0, 0, 2049)).isZero();
    assertThat(SampledQuorum.size(10_000, 2000, 3000, 6001)).as("g = .05").isZero();
    assertThat(SampledQuorum.size(10_000, 1999, 3000, 6001)).as("g > .05").isPositive();
    assertThat(SampledQuorum.size(5_000, 1000, 1250, 2000)).as("m above q").isZero();
  }

  private static int[] draw(int victim) {
    byte[] key = Labels.sha256(Labels.u32(victim));
    return Choices.draw(N, N - 1, SIZE, key);
  }

  /** Signers of one survivor set, and how many of a draw they are. */
  private static long right(BitSet signers, int[] drawn) {
    return java.util.Arrays.stream(drawn).filter(signers::get).count();
  }

  /**
   * Drawn before the commitment: the coordinator has its honest signers sign, each once, the set of
   * the victim that drew them. Both victims accept, over two sets.
   */
  @Test
  void row12_drawnBeforeTheCommitment_anAdaptiveCoordinatorHasTwoQuorums() {
    int[] first = draw(1);
    int[] second = draw(2);
    BitSet one = new BitSet();
    BitSet other = new BitSet();
    for (int index : first) {
      one.set(index);
    }
    for (int index : second) {
      other.set(index, index < CORRUPT || !one.get(index));
    }
    assertThat(right(one, first)).isGreaterThanOrEqualTo(ACCEPTS);
    assertThat(right(other, second)).isGreaterThanOrEqualTo(ACCEPTS);
  }

  /**
   * Drawn after it, however the coordinator divides its honest signers: one of the sets has at most
   * half of them and the corrupt, and no draw accepts it. 4,000 draws; each does with probability
   * at most 2^-40, so that this fails falsely with probability below 2^-28, here with fixed keys.
   */
  @Test
  void row12_drawnAfterTheCommitment_noDivisionHasTwoQuorums() {
    for (int part = 0; part <= 20; part++) {
      BitSet one = new BitSet();
      BitSet other = new BitSet();
      one.set(0, CORRUPT);
      other.set(0, CORRUPT);
      int border = CORRUPT + (N - CORRUPT) * part / 20;
      one.set(CORRUPT, border);
      other.set(border, N);
      BitSet fewer = part < 10 ? one : other;
      for (int victim = 0; victim < 200; victim++) {
        assertThat(right(fewer, draw(1000 * part + victim))).isLessThan(ACCEPTS);
      }
    }
    BitSet honest = new BitSet();
    honest.set(DROPPED, N);
    for (int victim = 0; victim < 200; victim++) {
      assertThat(right(honest, draw(victim))).as("lost").isGreaterThanOrEqualTo(ACCEPTS);
    }
  }

  private static final int VICTIM = 4;
  private static final SumParameters SIXTEEN =
      InjectedSa1.parameters(Mode.MALICIOUS, 16, 0.2, 6, 3, 9, 10, 20);

  private final List<KindCase> fromVictim = new ArrayList<>();
  private SumWorld world = new SumWorld(new InjectedSa1(), SIXTEEN, 5);

  private SumResult run(SumWorld.Network bent) {
    world = new SumWorld(new InjectedSa1(), SIXTEEN, 5);
    fromVictim.clear();
    world.network(
        (from, send) -> {
          if (from == VICTIM) {
            fromVictim.add(send.message().getKindCase());
          }
          return bent.carry(from, send);
        });
    return world.run();
  }

  private void victimRefuses(String code) {
    assertThat(world.results[VICTIM]).isInstanceOf(SumResult.Aborted.class);
    assertThat(((SumResult.Aborted) world.results[VICTIM]).code()).isEqualTo(code);
    assertThat(fromVictim).doesNotContain(KindCase.UNMASK);
  }

  @Test
  void honest_someLost_theSumIsExact() {
    world.drop(1, KindCase.SIGNED_SURVIVORS);
    world.drop(2, KindCase.SAMPLE);
    world.drop(7, KindCase.MASKED_INPUT);
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    assertThat(sum.dropped()).containsEntry(2, DropReason.NO_SAMPLE);
    assertThat(SIXTEEN.signatures()).isEqualTo(13);
    assertThat(SIXTEEN.accepted()).isEqualTo(7);
  }

  @Test
  void row12_secondCommitment_isRefused() {
    run(
        Bend.afterTo(
            VICTIM, KindCase.COMMITMENT, m -> commitment(m, ByteString.copyFrom(new byte[32]))));
    victimRefuses("PROTOCOL_VIOLATION");
    assertThat(fromVictim).containsOnlyOnce(KindCase.SAMPLE);
  }

  @Test
  void row12_noDrawBeforeTheCommitment() {
    run((from, send) -> send.message().hasCommitment() ? List.of() : List.of(send));
    assertThat(fromVictim).contains(KindCase.SIGNED_SURVIVORS).doesNotContain(KindCase.SAMPLE);
    run(
        Bend.to(
            VICTIM,
            KindCase.COMMITMENT,
            m -> m.toBuilder().setProof(Proof.getDefaultInstance()).build()));
    victimRefuses("PROTOCOL_VIOLATION");
  }

  @Test
  void row12_openingsThatWereNotCommittedTo_areRefused() {
    run(
        Bend.to(
            VICTIM, KindCase.COMMITMENT, m -> commitment(m, ByteString.copyFrom(new byte[32]))));
    victimRefuses("PROOF_REFUSED");
    run(Bend.to(VICTIM, KindCase.COMMITMENT, m -> commitment(m, ByteString.EMPTY)));
    victimRefuses("PROOF_REFUSED");
    List<UnaryOperator<Proof.Builder>> changes =
        List.of(
            p -> first(p, q -> q.clearSlotPath()),
            p -> first(p, q -> q.setSignature(ByteString.copyFrom(new byte[64]))),
            p -> first(p, q -> q.setIndex(VICTIM)),
            p -> p.addSignatures(p.getSignatures(0)),
            p -> p.clearSignatures());
    for (UnaryOperator<Proof.Builder> change : changes) {
      run(
          Bend.to(
              VICTIM,
              KindCase.PROOF,
              m -> m.toBuilder().setProof(change.apply(m.getProof().toBuilder())).build()));
      victimRefuses("PROOF_REFUSED");
    }
  }

  /** Fewer right signatures than theta m, the others left shut. */
  @Test
  void row12_tooFewOpened_isRefused() {
    run(
        Bend.to(
            VICTIM,
            KindCase.PROOF,
            m -> {
              Proof.Builder proof = m.getProof().toBuilder();
              while (proof.getSignaturesCount() >= SIXTEEN.accepted()) {
                proof.removeSignatures(0);
              }
              return m.toBuilder().setProof(proof).build();
            }));
    victimRefuses("PROOF_REFUSED");
  }

  @Test
  void badDraw_dropsTheDrawer() {
    for (int[] indices : new int[][] {{1, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {}}) {
      SumResult result =
          run(
              Bend.from(
                  VICTIM,
                  KindCase.SAMPLE,
                  m ->
                      m.toBuilder()
                          .setSample(Sample.newBuilder().setIndices(Choices.encode(indices)))
                          .build()));
      assertThat(((SumResult.RingSum) result).dropped())
          .containsEntry(VICTIM, DropReason.INVALID_SAMPLE);
    }
  }

  private static Envelope commitment(Envelope message, ByteString root) {
    return message.toBuilder().setCommitment(Commitment.newBuilder().setRoot(root)).build();
  }

  private static Proof.Builder first(
      Proof.Builder proof, UnaryOperator<QuorumSignature.Builder> how) {
    return proof.setSignatures(0, how.apply(proof.getSignatures(0).toBuilder()));
  }
}
