package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.wire.v1.Envelope.KindCase;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounds on sparse graphs: small ones with injected degrees, and one as it is deployed. */
class SparseRoundTest {

  /** The messages before which a member may go. */
  private static List<KindCase> points(Mode mode) {
    List<KindCase> points =
        new ArrayList<>(
            List.of(
                KindCase.ADVERTISE_KEYS,
                KindCase.SHARE_KEYS,
                KindCase.MASKED_INPUT,
                KindCase.SIGNED_SURVIVORS,
                KindCase.UNMASK));
    if (mode == Mode.MALICIOUS) {
      points.add(1, KindCase.CHOICE);
    }
    return points;
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void row5_anyDropouts_sumIsExactOrTheRoundIsGivenUp(Mode mode) {
    List<String> wrong =
        LongStream.range(0, 100)
            .parallel()
            .mapToObj(seed -> fault(mode, seed))
            .filter(f -> !f.isEmpty())
            .toList();
    assertThat(wrong).isEmpty();
  }

  private static String fault(Mode mode, long seed) {
    try {
      check(mode, seed, new SplittableRandom(seed));
      return "";
    } catch (AssertionError | RuntimeException e) {
      return "seed " + seed + ": " + e;
    }
  }

  private static void check(Mode mode, long seed, SplittableRandom random) {
    int n = 8 + random.nextInt(33);
    int degree = 4 + 2 * random.nextInt(Math.min(6, (n - 5) / 2 + 1));
    int threshold = 3 + random.nextInt(degree - 3);
    int quorum = mode == Mode.MALICIOUS ? n / 2 + 1 : 0;
    int length = 1 + random.nextInt(30);
    SumParameters p = InjectedSa1.parameters(mode, n, 0.4, degree, threshold, quorum, length);
    SumWorld world = new SumWorld(new InjectedSa1(), p, seed);
    if (random.nextBoolean()) {
      world.declaringDrops();
    }
    List<KindCase> points = points(mode);
    KindCase[] lostBefore = new KindCase[n];
    for (int f = random.nextInt(1 + n / 3); f > 0; f--) {
      int client = random.nextInt(n);
      lostBefore[client] = points.get(random.nextInt(points.size()));
      world.drop(client, lostBefore[client]);
    }
    boolean duplicates = random.nextBoolean();
    Map<Integer, int[]> choices = new TreeMap<>();
    byte[][] root = new byte[1][];
    world.network(
        (from, send) -> {
          if (send.message().hasRoster()) {
            root[0] = send.message().getRoster().getRoot().toByteArray();
          } else if (send.message().hasChoice()) {
            choices.put(
                from, Choices.decode(send.message().getChoice().getIndices(), n, from, degree));
          }
          return duplicates ? List.of(send, send) : List.of(send);
        });
    SumResult result = world.run();
    IntFunction<BitSet> past =
        point -> set(n, i -> lostBefore[i] == null || points.indexOf(lostBefore[i]) > point);
    int last = points.size() - 1;
    BitSet listed = past.apply(last - 4);
    BitSet shared = past.apply(last - 3);
    BitSet sent = past.apply(last - 2);
    BitSet signing = past.apply(last - 1);
    BitSet answering = past.apply(last);
    boolean enough = sent.cardinality() >= p.floor() && signing.cardinality() >= quorum;
    if (root[0] != null) {
      byte[] key = Transcript.of(world.sid).withRoot(root[0]).graphKey();
      Graph graph = mode == Mode.MALICIOUS ? Graph.chosen(choices) : Graph.harary(n, degree, key);
      enough &= listed.stream().allMatch(i -> graph.of(i).live(shared) >= threshold);
      enough &= shared.stream().allMatch(i -> graph.of(i).live(sent) >= threshold);
      enough &= shared.stream().allMatch(i -> graph.of(i).sharesIn(answering) >= threshold);
    }
    if (result instanceof SumResult.RingSum sum) {
      assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
      assertThat(sum.survivors().cardinality()).isGreaterThanOrEqualTo(p.floor());
      assertThat(sum.wrongShares()).isEmpty();
      BitSet beyond = sum.survivors();
      beyond.andNot(sent);
      assertThat(beyond.isEmpty()).isTrue();
    } else {
      assertThat(((SumResult.Aborted) result).code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    }
    if (enough) {
      assertThat(result).isInstanceOf(SumResult.RingSum.class);
      assertThat(((SumResult.RingSum) result).survivors()).isEqualTo(sent);
    }
    for (int i = 0; i < n; i++) {
      if (lostBefore[i] == null) {
        assertThat(world.results[i])
            .as("client %d", i)
            .isInstanceOfAny(
                enough
                    ? new Class<?>[] {SumResult.Contributed.class}
                    : new Class<?>[] {SumResult.Contributed.class, SumResult.Aborted.class});
      }
    }
  }

  private static BitSet set(int n, IntPredicate of) {
    BitSet set = new BitSet();
    for (int i = 0; i < n; i++) {
      set.set(i, of.test(i));
    }
    return set;
  }

  /** Row 9: a round of 300 as it is planned and deployed, with all the loss that it survives. */
  @Test
  void row9_harary300_asDeployed() {
    asDeployed(Mode.CURIOUS, 300, Topology.Graph.HARARY);
  }

  /** Row 9: the least cohort that chooses its own neighbours. */
  @Test
  @Tag("nightly")
  void row9_chosen1025_asDeployed() {
    asDeployed(Mode.MALICIOUS, 1025, Topology.Graph.OUT_NEIGHBOURS);
  }

  private static void asDeployed(Mode mode, int n, Topology.Graph graph) {
    SumParameters p = SumParameters.derive(Sa1.ID, mode, n, .05, .05, 2, 0, 20, 40);
    assertThat(p.graph()).isEqualTo(graph);
    SumWorld world = new SumWorld(new Sa1(), p, n);
    List<KindCase> points = points(mode);
    int before = 0;
    for (int lost = 0; lost < p.toleratedLoss(); lost++) {
      KindCase point = points.get(lost % points.size());
      before += points.indexOf(point) < points.size() - 2 ? 1 : 0;
      world.drop(lost * 19, point);
    }
    SumResult.RingSum sum = (SumResult.RingSum) world.run();
    assertThat(sum.survivors().cardinality()).isEqualTo(n - before);
    assertThat(SumWorld.values(sum.sum())).isEqualTo(world.plainSum(sum.survivors()));
  }

  /** A neighbourhood that falls below t ends the round, although most of the cohort is there. */
  @Test
  void lostNeighbourhood_endsTheRound() {
    SumParameters p = InjectedSa1.parameters(Mode.CURIOUS, 24, 0.5, 4, 3, 0, 10);
    byte[] root = new byte[32];
    SumWorld[] worlds = {
      new SumWorld(new InjectedSa1(), p, 7), new SumWorld(new InjectedSa1(), p, 7)
    };
    worlds[0].network(
        (from, send) -> {
          if (send.message().hasRoster()) {
            send.message().getRoster().getRoot().copyTo(root, 0);
          }
          return List.of(send);
        });
    assertThat(worlds[0].run()).isInstanceOf(SumResult.RingSum.class);
    Graph graph = Graph.harary(24, 4, Transcript.of(worlds[1].sid).withRoot(root).graphKey());
    int[] around = graph.of(5).edges().stream().toArray();
    worlds[1].drop(around[0], KindCase.MASKED_INPUT).drop(around[1], KindCase.MASKED_INPUT);
    SumResult.Aborted aborted = (SumResult.Aborted) worlds[1].run();
    assertThat(aborted.code()).isEqualTo("NOT_ENOUGH_CLIENTS");
    assertThat(aborted.reason()).contains("2 holders of the shares of slot");
    assertThat(aborted.unmaskingAnswered()).isFalse();
  }
}
