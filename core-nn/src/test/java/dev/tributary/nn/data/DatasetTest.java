package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class DatasetTest {
  private final float[] features = {1, 2, 3, 4, 5, 6};
  private final Dataset data = Dataset.of(new int[] {2}, 4, features, new int[] {0, 3, 1});

  @Test
  void of_copiesAndChecks() {
    features[0] = 9;
    float[] into = new float[4];
    data.features(0, into, 1);
    assertThat(into).containsExactly(0, 1, 2, 0);
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.classes()).isEqualTo(4);
    assertThat(data.target(1)).isEqualTo(3f);
    assertThatThrownBy(() -> Dataset.of(new int[] {2}, 4, new float[5], new int[3]))
        .hasMessage("3 rows of 2 features, but 5 features came");
    assertThatThrownBy(() -> Dataset.of(new int[] {1}, 4, new float[1], new int[] {4}))
        .hasMessage("row 0: label 4 is not one of 4 classes");
  }

  @Test
  void subset_ofSubset_seesTheChosenRows() {
    Dataset view = data.subset(2, 1, 2).subset(1, 0);
    assertThat(view.size()).isEqualTo(2);
    assertThat(view.classes()).isEqualTo(4);
    assertThat(view.featureShape()).containsExactly(2);
    assertThat(view.label(0)).isEqualTo(3);
    assertThat(view.label(1)).isEqualTo(1);
    float[] into = new float[2];
    view.features(1, into, 0);
    assertThat(into).containsExactly(5, 6);
    assertThat(data.subset().size()).isZero();
    assertThatThrownBy(() -> data.subset(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.subset(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void regression_hasTargetsAndNoClasses() {
    Dataset numbers = Dataset.regression(new int[] {1}, new float[] {1, 2}, new float[] {0.5f, 7});
    assertThat(numbers.classes()).isZero();
    assertThat(numbers.label(1)).isZero();
    assertThat(numbers.subset(1).target(0)).isEqualTo(7f);
  }
}
