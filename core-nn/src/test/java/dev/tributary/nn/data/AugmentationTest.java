package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class AugmentationTest {
  private static final int ROWS = 400;

  @Test
  void flip_mirrorsAboutHalfOfTheRows() {
    Dataset data = pictures(2, 3, 2);
    Dataset flipped = Augmentation.none().flip().apply(data, 1);
    float[] mirrored = {4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7};
    int turned = 0;
    for (int row = 0; row < ROWS; row++) {
      float[] picture = FeaturesTest.row(flipped, row);
      boolean same = Arrays.equals(picture, FeaturesTest.row(data, row));
      assertThat(same || Arrays.equals(picture, mirrored)).isTrue();
      turned += same ? 0 : 1;
    }
    // Within five deviations of a fair coin; the seed is fixed, so this holds or does not.
    assertThat(turned).isBetween(150, 250);
  }

  /** Every one of the nine shifts comes up, and what is shifted in is zero. */
  @Test
  void crop_shiftsUpToThePadding() {
    Dataset data = pictures(3, 3, 1);
    Dataset cropped = Augmentation.none().crop(1).apply(data, 2);
    Set<String> seen = new TreeSet<>();
    for (int row = 0; row < ROWS; row++) {
      seen.add(Arrays.toString(FeaturesTest.row(cropped, row)));
    }
    Set<String> expected = new TreeSet<>();
    for (int down = -1; down <= 1; down++) {
      for (int right = -1; right <= 1; right++) {
        float[] shifted = new float[9];
        for (int y = 0; y < 3; y++) {
          for (int x = 0; x < 3; x++) {
            boolean inside = y >= down && y < 3 + down && x >= right && x < 3 + right;
            shifted[3 * y + x] = inside ? 3 * (y - down) + x - right : 0;
          }
        }
        expected.add(Arrays.toString(shifted));
      }
    }
    assertThat(seen).isEqualTo(expected);
  }

  /** Another view over an augmented one does not freeze it. */
  @Test
  void pass_throughAnyView_seesOtherChanges() {
    Dataset first = Augmentation.none().noise(1).apply(pictures(2, 2, 1), 4);
    Dataset[] views = {
      Normalisation.of(first).apply(first),
      Features.filled(first, 0, 0, 0, 0),
      Features.reconstruction(first),
      first.subset(2, 1, 0)
    };
    for (Dataset view : views) {
      assertThat(FeaturesTest.row(view.pass(1), 0)).isNotEqualTo(FeaturesTest.row(view, 0));
      assertThat(FeaturesTest.row(view.pass(1), 0)).isEqualTo(FeaturesTest.row(view.pass(1), 0));
    }
  }

  @Test
  void noise_hasTheDeviationAsked() {
    Dataset data = pictures(5, 5, 1);
    Dataset noisy = Augmentation.none().noise(0.5).apply(data, 3);
    double sum = 0;
    double squares = 0;
    for (int row = 0; row < ROWS; row++) {
      float[] picture = FeaturesTest.row(noisy, row);
      for (int i = 0; i < picture.length; i++) {
        sum += picture[i] - i;
        squares += (picture[i] - i) * (picture[i] - i);
      }
    }
    int n = ROWS * 25;
    // Six deviations of the mean (0.005) and about six of the variance; the seed is fixed.
    assertThat(sum / n).isCloseTo(0, within(0.03));
    assertThat(squares / n).isCloseTo(0.25, within(0.02));
  }

  @Test
  void passes_differ_andRepeat() {
    Dataset data = pictures(4, 4, 1);
    Augmentation chain = Augmentation.none().flip().crop(2).noise(0.1);
    Dataset first = chain.apply(data, 9);
    assertThat(first.pass(0)).isNotSameAs(data);
    assertThat(all(first.pass(0))).isEqualTo(all(first));
    assertThat(all(first.pass(1))).isNotEqualTo(all(first));
    assertThat(all(first.pass(3).pass(1))).isEqualTo(all(chain.apply(data, 9).pass(1)));
    assertThat(all(chain.apply(data, 10))).isNotEqualTo(all(first));
    Dataset some = first.subset(5, 7);
    assertThat(FeaturesTest.row(some.pass(1), 1)).isEqualTo(FeaturesTest.row(first.pass(1), 7));
    assertThat(data.subset(1).pass(4)).isNotNull();
    assertThat(first.label(3)).isEqualTo(data.label(3));
  }

  @Test
  void apply_toVectors_isRefused() {
    Dataset vectors = Dataset.of(new int[] {3}, 1, new float[3], new int[1]);
    assertThatThrownBy(() -> Augmentation.none().flip().apply(vectors, 1))
        .hasMessage("pictures are [height, width, channels], came [3]");
    assertThatThrownBy(() -> Augmentation.none().crop(-1)).hasMessageContaining("padding");
    assertThatThrownBy(() -> Augmentation.none().noise(-1)).hasMessageContaining("deviation");
  }

  /** All the same: pixel i has value i. */
  private static Dataset pictures(int height, int width, int channels) {
    int length = height * width * channels;
    float[] features = new float[ROWS * length];
    int[] labels = new int[ROWS];
    for (int i = 0; i < features.length; i++) {
      features[i] = i % length;
      labels[i / length] = i / length % 2;
    }
    return Dataset.of(new int[] {height, width, channels}, 2, features, labels);
  }

  private static float[] all(Dataset data) {
    float[] features = new float[data.size() * data.featureLength()];
    for (int row = 0; row < data.size(); row++) {
      data.features(row, features, row * data.featureLength());
    }
    return features;
  }
}
