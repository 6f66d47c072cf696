package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyTest {

  private static DegreeSearch.Found search(
      DegreeSearch.Kind kind, int n, double gamma, double delta, int eta) {
    return new DegreeSearch(kind, n, Topology.floorOf(gamma, n), Topology.floorOf(delta, n), eta)
        .run();
  }

  /** Rows that Google's graph_parameter_finder gives, eta 20, and those of section 4, eta 30. */
  @ParameterizedTest(name = "{0}, eta {1}, n {2}, gamma {3}, delta {4}: {5}, {6}")
  @CsvSource({
    "HARARY, 20, 100, .05, .05, 12, 6",
    "HARARY, 20, 1000, .05, .05, 30, 17",
    "HARARY, 20, 10000, .05, .05, 34, 20",
    "HARARY, 20, 1000000, .05, .05, 38, 22",
    "SEMI_MALICIOUS, 20, 100, .05, .05, 16, 11",
    "SEMI_MALICIOUS, 20, 1000, .05, .05, 52, 37",
    "SEMI_MALICIOUS, 20, 10000, .05, .05, 62, 44",
    "HARARY, 20, 1000, .33, .33, 286, 150",
    "HARARY, 20, 10000, .33, .33, 422, 221",
    "HARARY, 20, 1000, .05, .33, 72, 24",
    "SEMI_MALICIOUS, 20, 10000, .05, .33, 746, 420",
    "HARARY, 20, 1000, .33, .05, 78, 60",
    "HARARY, 20, 100, .45, .45, 92, 46",
    "HARARY, 30, 100, .05, .05, 12, 6",
    "HARARY, 30, 1000, .05, .05, 34, 18",
    "HARARY, 30, 10000, .05, .05, 38, 21",
    "HARARY, 30, 100000, .05, .05, 40, 22",
    "HARARY, 30, 100, .05, .10, 16, 6",
    "HARARY, 30, 1000, .05, .10, 40, 19",
    "HARARY, 30, 10000, .05, .10, 46, 22",
    "HARARY, 30, 100000, .05, .10, 52, 25",
    "HARARY, 30, 100, .10, .10, 22, 11",
    "HARARY, 30, 1000, .10, .10, 52, 28",
    "HARARY, 30, 10000, .10, .10, 60, 32",
    "HARARY, 30, 100000, .10, .10, 66, 35",
    "HARARY, 30, 100, .10, .30, 36, 11",
    "HARARY, 30, 1000, .10, .30, 102, 39",
    "HARARY, 30, 10000, .10, .30, 126, 48",
    "HARARY, 30, 100000, .10, .30, 136, 52",
    "HARARY, 30, 100, .33, .10, 42, 32",
    "HARARY, 30, 1000, .33, .10, 114, 78",
    "HARARY, 30, 10000, .33, .10, 140, 95",
    "HARARY, 30, 100000, .33, .10, 154, 104",
    "SEMI_MALICIOUS, 30, 100, .05, .05, 16, 11",
    "SEMI_MALICIOUS, 30, 1000, .05, .05, 62, 43",
    "SEMI_MALICIOUS, 30, 10000, .05, .05, 74, 51",
    "SEMI_MALICIOUS, 30, 100, .05, .10, 26, 16",
    "SEMI_MALICIOUS, 30, 1000, .05, .10, 90, 58",
    "SEMI_MALICIOUS, 30, 10000, .05, .10, 114, 74",
    "SEMI_MALICIOUS, 30, 100, .10, .10, 32, 22",
    "SEMI_MALICIOUS, 30, 1000, .10, .10, 114, 78",
    "SEMI_MALICIOUS, 30, 10000, .10, .10, 144, 98",
    "SEMI_MALICIOUS, 30, 100, .10, .30, 72, 42",
    "SEMI_MALICIOUS, 30, 1000, .10, .30, 462, 273",
    "SEMI_MALICIOUS, 30, 10000, .10, .30, 936, 555",
    "SEMI_MALICIOUS, 30, 100, .33, .10, 54, 44",
    "SEMI_MALICIOUS, 30, 1000, .33, .10, 244, 189",
    "SEMI_MALICIOUS, 30, 10000, .33, .10, 358, 276",
    "OUT_NEIGHBOURS, 30, 1000, .05, .05, 33, 18",
    "OUT_NEIGHBOURS, 30, 10000, .05, .05, 38, 21",
    "OUT_NEIGHBOURS, 30, 1000, .10, .10, 52, 28",
    "OUT_NEIGHBOURS, 30, 10000, .10, .10, 60, 32",
    "OUT_NEIGHBOURS, 30, 1000, .33, .10, 113, 77",
    "OUT_NEIGHBOURS, 30, 10000, .33, .10, 140, 95"
  })
  void search_tablesOfTheSpecification(
      DegreeSearch.Kind kind,
      int eta,
      int n,
      double gamma,
      double delta,
      int degree,
      int threshold) {
    assertThat(search(kind, n, gamma, delta, eta))
        .isEqualTo(new DegreeSearch.Found(degree, threshold));
  }

  /**
   * The found pair keeps (2) and (3), and no smaller degree does, by probabilities that are
   * multiplied up one draw at a time instead of by binomials.
   */
  @ParameterizedTest
  @CsvSource({"300, .02, .05", "417, .1, .2", "1000, .05, .05", "2000, 0, .1", "500, .2, 0"})
  void search_againstProbabilitiesDrawByDraw(int n, double gamma, double delta) {
    DegreeSearch.Found found = search(DegreeSearch.Kind.OUT_NEIGHBOURS, n, gamma, delta, 30);
    for (int k = Math.max(1, found.degree() - 8); k <= found.degree(); k++) {
      BigDecimal[] corrupt = distribution(n, Topology.floorOf(gamma, n), k);
      BigDecimal[] dropped = distribution(n, Topology.floorOf(delta, n), k);
      boolean some = false;
      for (int t = DegreeSearch.LEAST_THRESHOLD; t <= k; t++) {
        // t corrupt neighbours would do; so would more than k - t dropped, for the worse.
        boolean secret = sum(corrupt, t).multiply(power(n, 41)).compareTo(BigDecimal.ONE) <= 0;
        boolean lives =
            sum(dropped, k - t + 1).multiply(power(n, 30)).compareTo(BigDecimal.ONE) <= 0;
        some |= secret && lives;
        if (k == found.degree() && t == found.threshold()) {
          assertThat(secret && lives).isTrue();
        }
      }
      assertThat(some).as("degree %d", k).isEqualTo(k == found.degree());
    }
  }

  private static BigDecimal power(int n, int bits) {
    return BigDecimal.valueOf(2).pow(bits).multiply(BigDecimal.valueOf(n));
  }

  private static BigDecimal sum(BigDecimal[] distribution, int from) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = from; i < distribution.length; i++) {
      sum = sum.add(distribution[i]);
    }
    return sum;
  }

  /** P[j marked among k drawn], by drawing one after the other. */
  private static BigDecimal[] distribution(int n, int marked, int k) {
    BigDecimal[] p = new BigDecimal[k + 1];
    java.util.Arrays.fill(p, BigDecimal.ZERO);
    p[0] = BigDecimal.ONE;
    for (int i = 0; i < k; i++) {
      for (int j = i + 1; j >= 0; j--) {
        BigDecimal stays = p[j].multiply(BigDecimal.valueOf(Math.max(0, n - i - (marked - j))));
        BigDecimal grows =
            j == 0
                ? BigDecimal.ZERO
                : p[j - 1].multiply(BigDecimal.valueOf(Math.max(0, marked - j + 1)));
        p[j] = stays.add(grows).divide(BigDecimal.valueOf(n - i), new MathContext(80));
      }
    }
    return p;
  }

  @ParameterizedTest
  @CsvSource({
    "MALICIOUS, 1024, .1, .1, COMPLETE, 1023, 683, 683, 0, 341",
    "MALICIOUS, 1025, .1, .1, OUT_NEIGHBOURS, 52, 28, 564, 0, 102",
    "MALICIOUS, 10000, .05, .05, OUT_NEIGHBOURS, 38, 21, 5251, 307, 500",
    "CURIOUS, 256, .1, .1, COMPLETE, 255, 129, 129, 0, 127",
    "CURIOUS, 1000, .1, .1, HARARY, 52, 28, 0, 0, 100",
    "CURIOUS, 257, .499, .499, COMPLETE, 256, 129, 129, 0, 128"
  })
  void of_eachGraph(
      Mode mode,
      int n,
      double gamma,
      double delta,
      Topology.Graph graph,
      int degree,
      int threshold,
      int quorum,
      int sample,
      int loss) {
    assertThat(Topology.of(mode, n, gamma, delta, 30))
        .isEqualTo(new Topology(graph, n, degree, threshold, quorum, sample, loss));
  }

  @ParameterizedTest
  @CsvSource({
    "MALICIOUS, 2, 0, 0, 30, clients must be 3, enlarge",
    "MALICIOUS, 1000001, 0, 0, 30, clients must be 3 to 1000000, several cohorts",
    "CURIOUS, 100, -1, 0, 30, must be >= 0, such as 0.05",
    "CURIOUS, 100, 0, NaN, 30, must be >= 0, such as 0.05",
    "CURIOUS, 1000, .5, .5, 30, must be < 1, lower one",
    "CURIOUS, 100, 0, 0, 0, correctness bits must be 1 to 128, use 30",
    "MALICIOUS, 100, 0, .34, 30, 33/100, a third",
    "MALICIOUS, 100, .34, 0, 30, at most 33 corrupt, lower it",
    "CURIOUS, 100, 0, .5, 30, 49/100, a half",
    "CURIOUS, 5000, .48, .49, 30, no graph of at most 1024 neighbours, at most 1024 clients",
    "MALICIOUS, 5000, .1, .6, 30, dropoutFraction must be <= 2249/5000, a half"
  })
  void of_impossible_saysTheRuleAndAWayOut(
      Mode mode, int n, double gamma, double delta, int eta, String rule, String wayOut) {
    assertThatThrownBy(() -> Topology.of(mode, n, gamma, delta, eta))
        .isInstanceOf(SumParametersException.class)
        .hasMessageContaining(rule)
        .hasMessageContaining(wayOut);
  }

  /** The bytes that are planned are those that a round of this cohort sends, to one in fifty. */
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "sa1, 10, 0",
    "sa1, 30, 0",
    "sa1, 30, 4",
    "sa1-mlkem768, 10, 0",
    "sa1-mlkem768, 10, 1",
    "sa1-mlkem768, 20, 2"
  })
  void costs_bytes_areThoseOfARound(String suite, int n, int dropped) {
    SumParameters p = SumParameters.derive(suite, Mode.MALICIOUS, n, 0, .14, 2, 0, 20, 1000);
    SumWorld world = new SumWorld(Sa1.of(suite), p, 3);
    for (int i = 0; i < dropped; i++) {
      world.drop(i, dev.tributary.wire.v1.Envelope.KindCase.MASKED_INPUT);
    }
    List<Long> up = new ArrayList<>();
    List<Long> down = new ArrayList<>();
    world.network(
        (from, send) -> {
          long bytes =
              send.message().getSerializedSize() + (send.body() == null ? 0 : send.body().length());
          (from < 0 ? down : up).add(send.message().hasAbort() ? 0 : bytes);
          return List.of(send);
        });
    assertThat(world.run()).isInstanceOf(SumResult.RingSum.class);
    SumCosts costs =
        SumCosts.of(
            Topology.of(p.mode(), n, 0, .14, 30),
            dropped,
            p.length(),
            p.ringBits(),
            p.postQuantum());
    assertThat((double) costs.coordinator().bytesReceived() / total(up)).isBetween(.98, 1.02);
    assertThat((double) costs.coordinator().bytesSent() / total(down)).isBetween(.98, 1.04);
    assertThat(costs.client().masks()).isEqualTo(n);
    assertThat(costs.client().agreements()).isEqualTo(2L * (n - 1));
    long encapsulations = p.postQuantum() ? 3L * (n - 1) / 2 : 0;
    assertThat(costs.client().encapsulations()).isEqualTo(encapsulations);
    assertThat(costs.client().decapsulations()).isEqualTo(encapsulations);
    assertThat(costs.coordinator().masks())
        .as("self masks of the rest, all edges between lost and rest")
        .isEqualTo((n - dropped) + (long) dropped * (n - dropped));
  }

  /** The same on sparse graphs: Merkle paths at the tree's edge are shorter than most. */
  @ParameterizedTest
  @CsvSource({"CURIOUS, 0", "CURIOUS, 6", "MALICIOUS, 0", "MALICIOUS, 6"})
  void costs_bytes_areThoseOfASparseRound(Mode mode, int dropped) {
    int n = 60;
    int degree = 12;
    int quorum = mode == Mode.MALICIOUS ? 31 : 0;
    SumParameters p = InjectedSa1.parameters(mode, n, .2, degree, 3, quorum, 1000);
    SumWorld world = new SumWorld(new InjectedSa1(), p, 3);
    for (int i = 0; i < dropped; i++) {
      world.drop(i, dev.tributary.wire.v1.Envelope.KindCase.MASKED_INPUT);
    }
    List<Long> up = new ArrayList<>();
    List<Long> down = new ArrayList<>();
    world.network(
        (from, send) -> {
          long bytes =
              send.message().getSerializedSize() + (send.body() == null ? 0 : send.body().length());
          (from < 0 ? down : up).add(send.message().hasAbort() ? 0 : bytes);
          return List.of(send);
        });
    assertThat(world.run()).isInstanceOf(SumResult.RingSum.class);
    Topology topology = new Topology(p.graph(), n, degree, 3, quorum, 0, 12);
    SumCosts costs = SumCosts.of(topology, dropped, p.length(), p.ringBits(), false);
    assertThat((double) costs.coordinator().bytesReceived() / total(up)).isBetween(.97, 1.03);
    // Members that have chosen each other are shown once: here, at a fifth of all, often.
    assertThat((double) costs.coordinator().bytesSent() / total(down))
        .isBetween(.97, mode == Mode.MALICIOUS ? 1.1 : 1.05);
    int edges = mode == Mode.MALICIOUS ? 2 * degree : degree;
    assertThat(costs.client().masks()).isEqualTo(edges + 1);
    assertThat(costs.client().agreements()).isEqualTo(2L * edges);
  }

  private static long total(List<Long> bytes) {
    return bytes.stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void costs_badInput_refused() {
    Topology topology = Topology.of(Mode.MALICIOUS, 30, 0, 0, 30);
    assertThatThrownBy(() -> SumCosts.of(topology, 10, 1, 8, false)).hasMessageContaining("0 to 9");
    assertThatThrownBy(() -> SumCosts.of(topology, 0, 0, 8, false)).hasMessageContaining("length");
  }

  /** Section 8: the coordinator holds the mask ciphertexts, 35 MB of 256 clients. */
  @Test
  void postQuantum_moreThan256OnTheCompleteGraph_refusedByName() {
    assertThat(
            SumParameters.derive(Sa1.POST_QUANTUM, Mode.MALICIOUS, 256, 0, .1, 2, 0, 20, 100)
                .violations())
        .isEmpty();
    assertThatThrownBy(
            () -> SumParameters.derive(Sa1.POST_QUANTUM, Mode.MALICIOUS, 257, 0, .1, 2, 0, 20, 100))
        .isInstanceOf(SumParametersException.class)
        .hasMessageContaining("suite sa1-mlkem768 carries at most 32640 pairs")
        .hasMessageContaining("Provided: 32896 pairs of 257 clients")
        .hasMessageContaining("use suite sa1");
    Topology large = Topology.of(Mode.MALICIOUS, 257, 0, 0, 30);
    assertThatThrownBy(() -> SumCosts.of(large, 0, 1, 8, true))
        .isInstanceOf(SumParametersException.class);
    assertThat(SumCosts.of(large, 0, 1, 8, false).client().encapsulations()).isZero();
  }
}
