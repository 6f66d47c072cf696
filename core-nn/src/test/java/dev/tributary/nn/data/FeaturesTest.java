package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class FeaturesTest {
  private static final float GAP = Float.NaN;

  @Test
  void normalisation_learnedOnce_isAppliedToOthers() {
    Dataset train = vectors(3, 1, 7, GAP, 3, 7, 4, 5, 7, 8);
    Normalisation learned = Normalisation.of(train);
    assertThat(learned.mean()).containsExactly(3, 7, 6);
    assertThat(learned.deviation()[0]).isCloseTo((float) Math.sqrt(8 / 3.0), within(1e-6f));
    assertThat(learned.deviation()[1]).isZero();
    assertThat(learned.deviation()[2]).isEqualTo(2);
    Dataset other = learned.apply(vectors(3, 3, 9, 10, GAP, GAP, GAP));
    assertThat(row(other, 0)).containsExactly(0, 0, 2);
    assertThat(row(other, 1)).containsExactly(0, 0, 0);
    assertThat(other.label(1)).isEqualTo(1);
    assertThat(learned.toString()).isEqualTo("Normalisation[3 features]");
    assertThatThrownBy(() -> learned.apply(vectors(2, 1, 2)))
        .hasMessage("learned from 3 features, came 2");
  }

  @Test
  void filled_putsValuesIntoGaps() {
    Dataset filled = Features.filled(vectors(2, 1, GAP, GAP, 4), 8, 9);
    assertThat(row(filled, 0)).containsExactly(1, 9);
    assertThat(row(filled, 1)).containsExactly(8, 4);
    assertThatThrownBy(() -> Features.filled(vectors(2, 1, 2), 1))
        .hasMessageContaining("2 features");
  }

  @Test
  void oneHot_takesTheFeaturesPlace() {
    Dataset data = vectors(3, 5, 2, 6, 7, 0, 8, 9, GAP, 1);
    Dataset hot = Features.oneHot(data, 1, 3);
    assertThat(hot.featureShape()).containsExactly(5);
    assertThat(row(hot, 0)).containsExactly(5, 0, 0, 1, 6);
    assertThat(row(hot, 1)).containsExactly(7, 1, 0, 0, 8);
    assertThat(row(hot, 2)).containsExactly(9, 0, 0, 0, 1);
    assertThatThrownBy(() -> row(Features.oneHot(data, 0, 6), 1))
        .hasMessage("row 1: feature 0 is none of 6 categories");
    assertThatThrownBy(() -> Features.oneHot(data, 3, 2)).hasMessageContaining("feature 3");
  }

  @Test
  void reconstruction_hasTheFeaturesAsTargets() {
    Dataset same = Features.reconstruction(vectors(2, 1, 2, 3, 4));
    float[] targets = {9, 9, 9};
    same.targets(1, targets, 1, 2);
    assertThat(targets).containsExactly(9, 3, 4);
    same.subset(0).targets(0, targets, 1, 2);
    assertThat(targets).containsExactly(9, 1, 2);
    assertThat(same.label(1)).isZero();
    assertThat(same.classes()).isEqualTo(1);
    assertThatThrownBy(() -> same.targets(0, targets, 0, 3)).hasMessageContaining("3 outputs");
  }

  @Test
  void sparse_isWhatTheDenseRowsAre() {
    Dataset data =
        Dataset.sparse(
            4,
            2,
            new int[] {0, 2, 2, 4},
            new int[] {3, 0, 1, 1},
            new float[] {5, 6, 1, 2},
            new int[] {0, 1, 1});
    assertThat(data.size()).isEqualTo(3);
    float[] dirty = {9, 9, 9, 9, 9, 9};
    data.features(0, dirty, 1);
    assertThat(dirty).containsExactly(9, 6, 0, 0, 5, 9);
    assertThat(row(data, 1)).containsExactly(0, 0, 0, 0);
    assertThat(row(data, 2)).containsExactly(0, 3, 0, 0);
    assertThat(data.label(2)).isEqualTo(1);
    assertThatThrownBy(
            () -> Dataset.sparse(4, 2, new int[] {0, 1}, new int[] {4}, new float[1], new int[1]))
        .hasMessage("value 0: column 4 is not one of 4");
    assertThatThrownBy(
            () -> Dataset.sparse(4, 2, new int[] {0, 2}, new int[] {1}, new float[1], new int[1]))
        .hasMessageContaining("as many starts and one more");
  }

  @Test
  void tokens_areWindowsWithTheNextAsLabel() {
    int[] text = {0, 1, 2, 3, 4, 5, 6};
    Dataset data = Dataset.tokens(text, 7, 3, 2);
    assertThat(data.size()).isEqualTo(2);
    assertThat(row(data, 1)).containsExactly(2, 3, 4);
    assertThat(data.label(1)).isEqualTo(5);
    assertThat(data.classes()).isEqualTo(7);
    assertThat(Dataset.tokens(text, 7, 7, 1).size()).isZero();
    assertThat(Dataset.tokens(text, 7, 6, 1).size()).isEqualTo(1);
    assertThat(Dataset.tokens(new int[0], 7, 3, 1).size()).isZero();
    assertThatThrownBy(() -> Dataset.tokens(text, 6, 3, 1))
        .hasMessage("token 6 is 6, the vocabulary has 6");
  }

  /** Vectors of {@code width} features, labelled 0, 1, 2 and so on. */
  private static Dataset vectors(int width, float... features) {
    int rows = features.length / width;
    int[] labels = new int[rows];
    Arrays.setAll(labels, i -> i);
    return Dataset.of(new int[] {width}, rows, features, labels);
  }

  static float[] row(Dataset data, int row) {
    float[] features = new float[data.featureLength()];
    data.features(row, features, 0);
    return features;
  }
}
