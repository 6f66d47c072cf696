package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HistogramTest {
  /** One release of rest and bins: each has the noise that its part of the norm says. */
  @ParameterizedTest
  @CsvSource({"1, 5, 0.3", "3, 3.5, 7", "0.5, 50, 1e-3"})
  void jointNorm_sharesTheNoiseBetweenRestAndCounts(double z, double sigma, double norm) {
    Histogram histogram = Histogram.ofNoise(z, sigma);
    double joint = histogram.jointNorm(norm);
    double unit = histogram.unit(joint);
    assertThat(Math.hypot(norm, unit)).isCloseTo(joint, withinPercentage(1e-12));
    assertThat(z * joint / unit).isCloseTo(sigma, withinPercentage(1e-10));
    assertThat(histogram.sigma(z)).isCloseTo(sigma, withinPercentage(1e-12));
    double rest = 1 / Math.sqrt(1 / (z * z) - 1 / (sigma * sigma));
    assertThat(z * joint / norm).isCloseTo(rest, withinPercentage(1e-9));
    assertThat(histogram.restNoiseMultiplier(z)).isCloseTo(rest, withinPercentage(1e-9));
    assertThat(Histogram.restNorm(joint, unit)).isCloseTo(norm, withinPercentage(1e-9));
  }

  @Test
  void ofNoise_lessThanThatOfAll_isRefused() {
    for (double bad : new double[] {0, 0.5, 2, Double.NaN}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Histogram.ofNoise(2, bad));
    }
    assertThat(Histogram.THIRD.restNoiseMultiplier(1)).isCloseTo(1.0607, within(1e-4));
  }

  @Test
  void joint_isTheClippedRestAndOneBin() {
    assertThat(Histogram.joint(new float[] {3, 4}, 13, 12, 3, 1)).containsExactly(3, 4, 0, 12, 0);
    assertThat(Histogram.joint(new float[] {6, 8}, 13, 12, 2, 0)).containsExactly(3, 4, 12, 0);
    assertThat(Histogram.joint(new float[] {6, 8}, 13, 12, 2, -1)).containsExactly(3, 4, 0, 0);
    assertThat(Histogram.joint(new float[] {Float.NaN}, 13, 12, 2, 1)).contains(Float.NaN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Histogram.joint(new float[2], 13, 12, 3, 3));
    for (double bad : new double[] {-1, 13, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Histogram.joint(new float[2], 13, bad, 3, 0));
    }
  }

  @Test
  void counts_thatCouldBeCounts_stay() {
    assertThat(Histogram.counts(new float[] {6, 0, 12}, 3)).containsExactly(2, 0, 4);
  }

  /**
   * The nearest counts of the same sum: what is positive is shifted by one number, what is 0 lies
   * no higher than that (the conditions of Karush, Kuhn and Tucker, which are enough here).
   */
  @Test
  void counts_areTheNearestThatCouldBe() {
    SplittableRandom random = new SplittableRandom(5);
    for (int run = 0; run < 300; run++) {
      float[] noisy = new float[2 + random.nextInt(20)];
      for (int i = 0; i < noisy.length; i++) {
        noisy[i] = (float) (random.nextDouble(-5, 10) * 0.5);
      }
      double[] counts = Histogram.counts(noisy, 0.5);
      double[] values = new double[noisy.length];
      Arrays.setAll(values, i -> noisy[i] / 0.5);
      double total = Math.max(0, Arrays.stream(values).sum());
      assertThat(Arrays.stream(counts).sum()).isCloseTo(total, within(1e-9));
      double shift = Double.NaN;
      for (int i = 0; i < counts.length; i++) {
        assertThat(counts[i]).isNotNegative();
        if (counts[i] > 0) {
          shift = values[i] - counts[i];
        }
      }
      for (int i = 0; i < counts.length; i++) {
        if (counts[i] > 0) {
          assertThat(values[i] - counts[i]).isCloseTo(shift, within(1e-9));
        } else if (total > 0) {
          assertThat(values[i]).isLessThanOrEqualTo(shift + 1e-9);
        }
      }
    }
  }
}
