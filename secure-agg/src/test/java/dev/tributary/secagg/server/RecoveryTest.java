package dev.tributary.secagg.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumResult;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.testing.Bend;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.Effect;
import dev.tributary.wire.Entry;
import dev.tributary.wire.v1.AdvertiseKeys;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.Envelope.KindCase;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Unmask;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Section 8 over whole rounds: what is recovered of lost members, and held against what they
 * advertised. Of ten, seven shares open a secret; member 1 is lost after it has shared.
 */
class RecoveryTest {

  private static final int LOST = 1;
  private static final int WRONG = 4;

  private static SumWorld world(String suite) {
    return world(suite, LOST);
  }

  private static SumWorld world(String suite, int lost) {
    SumParameters ten = SumParameters.derive(suite, Mode.MALICIOUS, 10, 0, 0.3, 2, 0, 13, 20);
    assertThat(ten.threshold()).isEqualTo(7);
    return new SumWorld(Sa1.of(suite), ten, 11).drop(lost, KindCase.MASKED_INPUT);
  }

  private static SumResult.RingSum exact(SumWorld world, int survivors) {
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(sum.survivors().cardinality()).isEqualTo(survivors);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
    return sum;
  }

  /** Nobody has masked with who did not share, and those who were lost later stay masked. */
  @Test
  void lostMembers_ofEveryKind_leaveNoMask() {
    SumWorld world = world(Sa1.ID);
    world.drop(0, KindCase.SHARE_KEYS).drop(2, KindCase.MASKED_INPUT);
    assertThat(exact(world, 7).wrongShares()).isEmpty();
  }

  private static UnaryOperator<Envelope> seedShare(int at) {
    return message -> {
      Unmask.Builder unmask = message.getUnmask().toBuilder();
      byte[] shares = unmask.getMaskSeedShares().toByteArray();
      shares[at] ^= 1;
      return message.toBuilder()
          .setUnmask(unmask.setMaskSeedShares(ByteString.copyFrom(shares)))
          .build();
    };
  }

  /**
   * A share that is wrong by 1, which gives another seed, or by 2^48, which mostly gives none. Nine
   * answer.
   */
  @Test
  void wrongShareOfALostMembersSeed_isCorrected() {
    for (int at : new int[] {7, 1, 7 + 40}) {
      boolean postQuantum = at > 40;
      SumWorld world = world(postQuantum ? Sa1.POST_QUANTUM : Sa1.ID);
      world.network(Bend.from(WRONG, KindCase.UNMASK, seedShare(at % 40)));
      assertThat(exact(world, 9).wrongShares())
          .containsExactly(new SumResult.WrongShare(LOST, WRONG));
    }
  }

  /** With eight answers, one of them wrong, the seed is another member's or nobody's. */
  @Test
  void wrongShareOfALostMembersSeed_tooFewToCorrect_namesIt() {
    for (int at : new int[] {7, 1}) {
      SumWorld world = world(Sa1.ID);
      world.network(
          (from, send) -> {
            if (!send.message().hasUnmask()) {
              return List.of(send);
            }
            // Of nine only seven come, the wrong one among them.
            return from == 8 || from == 9
                ? List.of()
                : Bend.from(WRONG, KindCase.UNMASK, seedShare(at)).carry(from, send);
          });
      SumResult.Aborted end = (SumResult.Aborted) world.run();
      assertThat(end.code()).isEqualTo("WRONG_SHARES");
      assertThat(end.reason()).startsWith("shares dealt by slot " + LOST + " give another secret");
    }
  }

  /** What the lost member signs instead of its mask ciphertexts. */
  private static SumWorld.Network lying(SumWorld world, int lost) {
    List<AdvertiseKeys> members = new ArrayList<>();
    return (from, send) -> {
      if (members.isEmpty() && send.message().hasRoster()) {
        members.addAll(send.message().getRoster().getMembersList());
      }
      if (from != lost || !send.message().hasShareKeys()) {
        return List.of(send);
      }
      byte[] masks = send.message().getShareKeys().getMaskCiphertexts().toByteArray();
      masks[3] ^= 1;
      ShareKeys.Builder shares =
          send.message().getShareKeys().toBuilder()
              .clearSignature()
              .setMaskCiphertexts(ByteString.copyFrom(masks));
      byte[] signed = Transcript.of(world.sid).withRoster(members).shares(shares.build());
      shares.setSignature(ByteString.copyFrom(world.identities[lost].signLabelled(signed)));
      return List.of(
          new Effect.Send(send.to(), send.message().toBuilder().setShareKeys(shares).build()));
    };
  }

  /** The signed message of the liar is kept, as it came. */
  @ParameterizedTest
  @ValueSource(ints = {0, LOST})
  void maskCiphertextOfALostMember_thatIsNotOfItsSeed_endsTheRound(int lost) throws Exception {
    SumWorld world = world(Sa1.POST_QUANTUM, lost);
    SumWorld.Network lying = lying(world, lost);
    List<Envelope> lies = new ArrayList<>();
    world.network(
        (from, send) -> {
          List<Effect.Send> sent = lying.carry(from, send);
          if (from == lost && send.message().hasShareKeys()) {
            lies.add(sent.get(0).message());
          }
          return sent;
        });
    SumResult.Aborted end = (SumResult.Aborted) world.run();
    assertThat(end.code()).isEqualTo("WRONG_KEM_CIPHERTEXT");
    assertThat(end.reason()).contains("slot " + lost);
    Entry evidence = world.serverEntries.get(world.serverEntries.size() - 1);
    assertThat(evidence.kind()).isEqualTo(Entry.Kind.WRONG_KEM_CIPHERTEXT);
    assertThat(Envelope.parseFrom(evidence.payload().substring(4))).isEqualTo(lies.get(0));
    assertThat(world.server).hasToString("SumServer[EndedPhase]");
  }

  @Test
  void postQuantum_lostMember_leavesNoMask() {
    exact(world(Sa1.POST_QUANTUM), 9);
  }

  /** On the lattice, two lost neighbours of member 0 that nobody else has both, of its four. */
  @Test
  void neighbourhoodBelowTheThreshold_endsTheRoundAtTheFreeze() {
    SumParameters p = InjectedSa1.parameters(Mode.CURIOUS, 12, 0.5, 4, 3, 0, 10);
    SumWorld whole = new SumWorld(new InjectedSa1(), p, 7);
    byte[] root = new byte[32];
    whole.network(
        (from, send) -> {
          if (send.message().hasRoster()) {
            send.message().getRoster().getRoot().copyTo(root, 0);
          }
          return List.of(send);
        });
    assertThat(whole.run()).isInstanceOf(SumResult.RingSum.class);
    Graph graph = Graph.harary(12, 4, Transcript.of(whole.sid).withRoot(root).graphKey());
    int[] around = graph.of(0).edges().stream().toArray();
    for (int a : around) {
      for (int b : around) {
        long both =
            IntStream.range(1, 12)
                .mapToObj(j -> graph.of(j).edges())
                .filter(edges -> edges.get(a) && edges.get(b))
                .count();
        if (a < b && both == 0) {
          SumWorld world = new SumWorld(new InjectedSa1(), p, 7);
          world.drop(a, KindCase.MASKED_INPUT).drop(b, KindCase.MASKED_INPUT);
          SumResult.Aborted end = (SumResult.Aborted) world.run();
          assertThat(end.reason())
              .isEqualTo("2 holders of the shares of slot 0 left, at least 3 needed");
          assertThat(end.unmaskingAnswered()).isFalse();
          return;
        }
      }
    }
    throw new AssertionError("another seed: every two have another neighbour in common");
  }

  /** Seven answer, and those without the share of the lost member count as gone for it at once. */
  @Test
  void answersWithoutALostMember_endTheRoundBeforeItsTime() {
    SumWorld world = world(Sa1.ID);
    world.drop(8, KindCase.UNMASK).drop(9, KindCase.UNMASK);
    world.network(
        (from, send) -> {
          if (!send.message().hasUnmask() || from < WRONG || from > WRONG + 2) {
            return List.of(send);
          }
          Unmask.Builder none =
              send.message().getUnmask().toBuilder()
                  .setMaskSeedDealers(ByteString.copyFrom(new byte[2]))
                  .clearMaskSeedShares();
          return List.of(
              new Effect.Send(send.to(), send.message().toBuilder().setUnmask(none).build()));
        });
    SumResult.Aborted end = (SumResult.Aborted) world.run();
    assertThat(end.reason())
        .isEqualTo("fewer than 7 shares of the secret of slot " + LOST + " can come");
    assertThat(world.endedAt).isBefore(SumWorld.START.plus(SumWorld.DEADLINE));
  }

  /**
   * Of fourteen eight open a secret. Three wrong ones need all fourteen answers: tried in vain with
   * 8, 10 and 12, the last two are asked for though four more would be for the next step.
   */
  @Test
  void threeWrongShares_areCorrectedWithTheLastAnswer() {
    SumParameters p = SumParameters.derive(Sa1.ID, Mode.CURIOUS, 14, 0, 0.3, 2, 0, 13, 20);
    assertThat(p.threshold()).isEqualTo(8);
    SumWorld world = new SumWorld(new Sa1(), p, 1);
    BitSet wrong = new BitSet();
    world.network(
        (from, send) -> {
          if (!send.message().hasUnmask() || wrong.cardinality() == 3) {
            return List.of(send);
          }
          wrong.set(from);
          byte[] shares = send.message().getUnmask().getSelfMaskShares().toByteArray();
          shares[40 * 5 + 7] ^= 1;
          Unmask.Builder changed =
              send.message().getUnmask().toBuilder().setSelfMaskShares(ByteString.copyFrom(shares));
          return List.of(
              new Effect.Send(send.to(), send.message().toBuilder().setUnmask(changed).build()));
        });
    assertThat(exact(world, 14).wrongShares())
        .extracting(SumResult.WrongShare::holder)
        .containsExactlyInAnyOrderElementsOf(wrong.stream().boxed().toList());
  }
}
