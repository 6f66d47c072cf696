package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.SecretStream;
import dev.tributary.secagg.graph.Choices;
import dev.tributary.secagg.graph.Graph;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.secagg.testing.Vectors;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphTest {

  private static byte[] key(int seed) {
    return Labels.sha256(Labels.u32(seed));
  }

  @ParameterizedTest
  @CsvSource({"5, 2", "5, 4", "12, 4", "300, 28"})
  void harary_isRegularSymmetricAndOneRing(int n, int degree) {
    Graph graph = Graph.harary(n, degree, key(n));
    BitSet reached = new BitSet();
    reached.set(0);
    for (int round = 0; round < n; round++) {
      for (int i : reached.stream().toArray()) {
        reached.or(graph.of(i).edges());
      }
    }
    assertThat(reached.cardinality()).isEqualTo(n);
    for (int i = 0; i < n; i++) {
      Neighbours neighbours = graph.of(i);
      BitSet edges = neighbours.edges();
      assertThat(edges.cardinality()).isEqualTo(degree);
      assertThat(edges.get(i)).isFalse();
      assertThat(neighbours.holders()).isEqualTo(edges).isEqualTo(neighbours.dealers());
      for (int j : edges.stream().toArray()) {
        assertThat(graph.of(j).edges().get(i)).as("%d and %d", i, j).isTrue();
      }
    }
  }

  @Test
  void harary_anotherKey_anotherPermutation() {
    BitSet first = Graph.harary(100, 10, key(1)).of(7).edges();
    assertThat(Graph.harary(100, 10, key(1)).of(7).edges()).isEqualTo(first);
    assertThat(Graph.harary(100, 10, key(2)).of(7).edges()).isNotEqualTo(first);
  }

  /**
   * Each of the others is as often a neighbour: chi-square with 10 cells over 6,000 keys. The
   * false-alarm probability is below 1e-9 (P[chi-square(9) > 60] is 1.3e-9); here, with fixed keys,
   * it either holds or not.
   */
  @Test
  void harary_neighboursAreUniform() {
    int[] met = new int[11];
    for (int seed = 0; seed < 6000; seed++) {
      Graph.harary(11, 4, key(seed)).of(3).edges().stream().forEach(j -> met[j]++);
    }
    assertThat(met[3]).isZero();
    double expected = 6000 * 4 / 10.0;
    double chi = 0;
    for (int j = 0; j < 11; j++) {
      chi += j == 3 ? 0 : (met[j] - expected) * (met[j] - expected) / (expected * 0.6);
    }
    assertThat(chi).isLessThan(60);
  }

  /** As an independent program draws them. */
  @Test
  void latticeAndChoice_independentVectors_equal() {
    Vectors vectors = Vectors.primitives();
    byte[] key = vectors.bytes("lattice.key");
    Graph graph = Graph.harary(29, 6, key);
    assertThat(IntStream.range(0, 29).flatMap(i -> graph.of(i).edges().stream()).toArray())
        .isEqualTo(vectors.ints("lattice.n29k6"));
    assertThat(Choices.draw(29, 3, 6, key)).isEqualTo(vectors.ints("choice.n29k6i3"));
  }

  @Test
  void choices_badOnes_areNull() {
    int[] good = {1, 2, 28};
    assertThat(Choices.decode(Choices.encode(good), 29, 3, 3)).isEqualTo(good);
    int[][] bad = {{1, 2, 29}, {1, 2, 3}, {2, 1, 28}, {1, 1, 2}, {-1, 1, 2}, {1, 2}, {1, 2, 4, 5}};
    for (int[] indices : bad) {
      assertThat(Choices.decode(Choices.encode(indices), 29, 3, 3)).isNull();
    }
    assertThat(Choices.draw(2, 1, 1, key(0))).as("one of one other").containsExactly(0);
    for (int degree : new int[] {0, 5}) {
      assertThatThrownBy(() -> Choices.draw(5, 0, degree, key(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("of 1 to 4. Provided: " + degree);
    }
  }

  @Test
  void degreesThatAreNone_refused() {
    for (int degree : new int[] {0, 3, 10, 12}) {
      assertThatThrownBy(() -> Graph.harary(10, degree, key(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("from 2 to 9. Provided: " + degree);
    }
    assertThatThrownBy(() -> Neighbours.symmetric(1, new int[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Neighbours.symmetric(1, new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Neighbours.complete(3, 0).within(new BitSet()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Neighbours.symmetric(0, new int[] {2, 2}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void live_countsItselfOnTheCompleteGraphAlone() {
    BitSet all = new BitSet();
    all.set(0, 5);
    assertThat(Neighbours.complete(5, 2).live(all)).isEqualTo(5);
    Neighbours sparse = Neighbours.directed(2, new int[] {0, 4}, new int[] {4, 1});
    assertThat(sparse.live(all)).isEqualTo(2);
    assertThat(sparse.sharesIn(all)).isEqualTo(3);
    assertThat(sparse.edges().cardinality()).isEqualTo(3);
    assertThat(sparse.place(4)).isEqualTo(1);
    BitSet fewer = new BitSet();
    fewer.set(1);
    assertThat(sparse.within(fewer).live(all)).isZero();
    assertThatThrownBy(() -> sparse.place(1)).isInstanceOf(IllegalArgumentException.class);
  }

  /**
   * Draws below a bound that does not divide 2^63 stay uniform; known answers are in the vectors.
   */
  @Test
  void nextBelow_staysBelow() {
    SecretStream stream = new SecretStream(key(9));
    int[] seen = new int[3];
    for (int i = 0; i < 3000; i++) {
      seen[stream.nextBelow(3)]++;
    }
    // Six standard deviations of a binomial(3000, 1/3); false alarm below 1e-8 over keys.
    for (int count : seen) {
      assertThat(count).isBetween(845, 1155);
    }
  }
}
