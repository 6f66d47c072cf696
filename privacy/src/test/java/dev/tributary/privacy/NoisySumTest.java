package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class NoisySumTest {
  private static final int LENGTH = 5000;

  private static BitStream bits() {
    return Seeds.noise(4).open("rounding");
  }

  @DisplayName("P15: nobody came, and noise of the declared width is released all the same")
  @Test
  @Tag("statistical")
  void release_ofAnEmptyBatch_isNoise() {
    NoisySum sum = new NoisySum(LENGTH, 0.5, 2);
    float[] mean = sum.release(10, Seeds.noise(1));
    double squares = 0;
    for (float value : mean) {
      squares += (double) value * value;
    }
    // 6 standard errors: 2e-9, by normal approximation.
    assertThat(squares / LENGTH / 0.01).isCloseTo(1, within(6 * Math.sqrt(2.0 / LENGTH)));
  }

  @DisplayName("P16: what is divided by is fixed before the batch is seen")
  @Test
  void release_dividesByWhatWasExpected() {
    float[] vector = new float[LENGTH];
    vector[0] = 0.4f;
    NoisySum sum = new NoisySum(LENGTH, 0.5, 1e-3);
    try (BitStream bits = bits()) {
      for (int i = 0; i < 20; i++) {
        sum.add(vector, bits);
      }
    }
    assertThat(sum.release(10, Seeds.noise(1))[0]).isCloseTo(0.8f, within(0.01f));
  }

  /** A vector beyond the clip is scaled down to it; one that is no vector counts as zero. */
  @DisplayName("P3: a vector beyond the clip is scaled down, one that is none counts as zero")
  @Test
  void add_clipsWhatIsLong_andDropsWhatIsNone() {
    NoisySum sum = new NoisySum(LENGTH, 0.5, 1e-3);
    try (BitStream bits = bits()) {
      float[] vector = new float[LENGTH];
      vector[1] = 1e30f;
      sum.add(vector, bits);
      vector[1] = Float.NaN;
      sum.add(vector, bits);
      vector[1] = Float.NEGATIVE_INFINITY;
      sum.add(vector, bits);
      Arrays.fill(vector, 0);
      sum.add(vector, bits);
    }
    float[] mean = sum.release(1, Seeds.noise(1));
    assertThat(mean[1]).isCloseTo(0.5f, within(0.01f));
    assertThat(mean[2]).isCloseTo(0f, within(0.01f));
  }

  @DisplayName("P17: what is released is a whole number of grid steps, before it becomes a float")
  @Test
  void release_liesOnTheGrid() {
    NoisySum sum = new NoisySum(64, 1, 2);
    PrivacyEvent.DiscreteGaussian event = (PrivacyEvent.DiscreteGaussian) sum.event();
    double step = 2 / event.sigma();
    try (BitStream bits = bits()) {
      float[] vector = new float[64];
      Arrays.fill(vector, 0.0913f);
      sum.add(vector, bits);
    }
    for (float value : sum.release(1, Seeds.noise(2))) {
      assertThat(value / step).isEqualTo(Math.rint(value / step));
    }
  }

  @DisplayName("P1: clip, noise and sensitivity are those of one object")
  @Test
  void event_isDerivedFromTheClipAndTheGrid() {
    PrivacyEvent.DiscreteGaussian event =
        (PrivacyEvent.DiscreteGaussian) new NoisySum(LENGTH, 0.5, 2).event();
    assertThat(event.sigma() / event.sensitivity()).isBetween(2 / Math.sqrt(1 + 0x1p-12), 2.0);
    assertThat(new NoisySum(LENGTH, 7, 2).event()).isEqualTo(event);
  }

  @Test
  void release_isOnce() {
    NoisySum sum = new NoisySum(3, 1, 1);
    sum.release(1, Seeds.noise(1));
    assertThatIllegalStateException().isThrownBy(() -> sum.release(1, Seeds.noise(1)));
    try (BitStream bits = bits()) {
      assertThatIllegalStateException().isThrownBy(() -> sum.add(new float[3], bits));
    }
  }

  @Test
  void parametersThatAreNone_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new NoisySum(0, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new NoisySum(1, Double.NaN, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new NoisySum(1, 1, 0));
    NoisySum sum = new NoisySum(3, 1, 1);
    assertThatIllegalArgumentException().isThrownBy(() -> sum.release(0, Seeds.noise(1)));
    try (BitStream bits = bits()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sum.add(new float[4], bits))
          .withMessage("a vector holds 3 floats here, was 4");
    }
  }
}
