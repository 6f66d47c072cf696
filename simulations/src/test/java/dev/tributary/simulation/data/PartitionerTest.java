package dev.tributary.simulation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionerTest {
  private static final int CLASSES = 10;
  private static final int ROWS = 1_000;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void partition_anySeed_dealsEachRowOnceAndNobodyStaysEmpty(long seed) {
    int[] labels = labels(seed);
    List<Partitioner> all =
        List.of(
            Partitioner.iid(37),
            Partitioner.shards(20, 2),
            Partitioner.dirichlet(50, 0.05),
            Partitioner.dirichlet(50, 100),
            Partitioner.byColumn(
                Arrays.stream(labels).mapToObj(label -> "person " + label % 3).toList()));
    for (Partitioner partitioner : all) {
      List<int[]> clients = partitioner.partition(labels, CLASSES, seed);
      assertThat(clients).as("seed %d", seed).allSatisfy(rows -> assertThat(rows).isNotEmpty());
      assertThat(clients.stream().flatMapToInt(Arrays::stream).sorted().toArray())
          .as("seed %d", seed)
          .isEqualTo(IntStream.range(0, ROWS).toArray());
      assertThat(partitioner.partition(labels, CLASSES, seed))
          .as("the same deal for the same seed %d", seed)
          .usingRecursiveComparison()
          .isEqualTo(clients);
    }
  }

  @Test
  void iid_sizesDifferByAtMostOne() {
    List<int[]> clients = Partitioner.iid(37).partition(labels(1), CLASSES, 1);
    assertThat(clients).allSatisfy(rows -> assertThat(rows.length).isBetween(27, 28));
    assertThat(clients.get(0))
        .isNotEqualTo(Partitioner.iid(37).partition(labels(1), CLASSES, 2).get(0));
  }

  @Test
  void shards_twoPerClient_showFewLabels() {
    int[] labels = labels(3);
    assertThat(Partitioner.shards(20, 2).partition(labels, CLASSES, 3))
        .allSatisfy(
            rows ->
                assertThat(Arrays.stream(rows).map(row -> labels[row]).distinct().count())
                    .isLessThanOrEqualTo(4));
  }

  @Test
  void dirichlet_smallAlpha_isMoreSkewedThanLargeAlpha() {
    int[] labels = labels(4);
    assertThat(dominance(Partitioner.dirichlet(10, 0.05), labels)).isGreaterThan(0.5);
    assertThat(dominance(Partitioner.dirichlet(10, 100), labels)).isLessThan(0.25);
  }

  @Test
  void byColumn_followsTheOrderOfTheValues() {
    List<int[]> clients =
        Partitioner.byColumn(List.of("b", "a", "b", "c")).partition(new int[] {0, 0, 1, 1}, 2, 9);
    assertThat(clients).containsExactly(new int[] {1}, new int[] {0, 2}, new int[] {3});
  }

  @Test
  void partition_moreClientsThanRows_isRefused() {
    assertThatThrownBy(() -> Partitioner.iid(5).partition(new int[4], 1, 1))
        .isInstanceOf(PartitionException.class)
        .hasMessageContaining("4 rows")
        .hasMessageContaining("5 clients");
    assertThatThrownBy(() -> Partitioner.dirichlet(5, 0)).hasMessageContaining("alpha");
  }

  /** Mean share of the largest class of a client. */
  private static double dominance(Partitioner partitioner, int[] labels) {
    return partitioner.partition(labels, CLASSES, 5).stream()
        .mapToDouble(
            rows -> {
              int[] counts = new int[CLASSES];
              Arrays.stream(rows).forEach(row -> counts[labels[row]]++);
              return (double) Arrays.stream(counts).max().orElseThrow() / rows.length;
            })
        .average()
        .orElseThrow();
  }

  private static int[] labels(long seed) {
    return new SplittableRandom(seed).ints(ROWS, 0, CLASSES).toArray();
  }
}
