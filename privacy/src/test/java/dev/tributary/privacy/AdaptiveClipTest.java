package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdaptiveClipTest {
  @DisplayName("P26: the share is of updates within the clip, and the quantile is of those too")
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.1, 0.8, 0.09417645335842488",
    "0.5, 3, 0.1, 3.249861203024876",
    "0.9, 1, 1.3, 0.9231163463866358"
  })
  void next_followsTheShareWithinTheClip(
      double quantile, double clip, double share, double expected) {
    double next = new AdaptiveClip(quantile, 0.2, 1, 5).next(clip, share);
    assertThat(next).isCloseTo(expected, withinPercentage(1e-10));
  }

  /** One release of update and bit leaves the update the noise of Theorem 1, at its own norm. */
  @ParameterizedTest
  @CsvSource({"1, 5, 0.3", "3, 2.5, 7", "0.5, 50, 1e-3"})
  void jointNorm_leavesTheUpdateTheNoiseOfTheTheorem(double z, double bitSigma, double norm) {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, z, bitSigma);
    double joint = clip.jointNorm(norm);
    double bit = clip.bit(joint);
    assertThat(Math.hypot(norm, bit)).isCloseTo(joint, withinPercentage(1e-12));
    assertThat(z * joint).isCloseTo(clip.updateNoiseMultiplier() * norm, withinPercentage(1e-10));
    assertThat(z * joint / (2 * bit)).isCloseTo(bitSigma, withinPercentage(1e-12));
  }

  /** The event of a round does not depend on where the clip has gone, to the last digit. */
  @Test
  void event_isTheSameForEveryClip() {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, 3, 5);
    Set<PrivacyEvent> events = new HashSet<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 200; i++) {
      double joint = clip.jointNorm(Math.exp(random.nextDouble(-10, 10)));
      events.add(Calibrator.spec(7851, joint, 13, 32, 100, shares()).event());
    }
    assertThat(events).hasSize(1);
  }

  private static Mechanism shares() {
    return new Mechanism.DistributedDiscreteGaussian(3, 84);
  }

  @Test
  void joint_isTheClippedUpdateAndItsBit() {
    assertThat(AdaptiveClip.joint(new float[] {3, 4}, 13, 12)).containsExactly(3, 4, 12);
    assertThat(AdaptiveClip.joint(new float[] {6, 8}, 13, 12)).containsExactly(3, 4, -12);
    assertThat(AdaptiveClip.joint(new float[] {0, 0}, 13, 12)).containsExactly(0, 0, 12);
    assertThat(AdaptiveClip.joint(new float[] {3, Float.NaN}, 13, 12)).contains(Float.NaN);
    assertThat(AdaptiveClip.joint(new float[] {3, Float.NEGATIVE_INFINITY}, 13, 12))
        .contains(Float.NaN);
    for (double bad : new double[] {0, -1, 13, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> AdaptiveClip.joint(new float[2], 13, bad));
    }
  }

  /**
   * 200 clients whose norms are spread evenly over [0, 2]: within 60 rounds the clip finds the
   * median 1 from far off, and the 90th percentile 1.8. The noisy share has a standard error of
   * 0.05; the clip stays within 6 of its stationary standard deviations, eta 0.05 / sqrt(2 eta
   * slope), with probability above 1 - 1e-8 (normal approximation).
   */
  @ParameterizedTest
  @CsvSource({"0.5, 0.05, 1", "0.5, 20, 1", "0.9, 0.05, 1.8"})
  @Tag("statistical")
  void next_findsTheQuantile(double quantile, double start, double expected) {
    int clients = 200;
    AdaptiveClip adaptive = new AdaptiveClip(quantile, 0.2, 1, 10);
    double clip = start;
    for (int round = 0; round < 60; round++) {
      double joint = adaptive.jointNorm(clip);
      double bit = adaptive.bit(joint);
      PipelineSpec spec =
          Calibrator.spec(
              2, joint, 10, 32, clients, new Mechanism.DistributedDiscreteGaussian(1, clients));
      UpdatePipeline pipeline = new UpdatePipeline(spec);
      int[] sum = new int[2];
      for (int i = 0; i < clients; i++) {
        NoiseSource noise = Seeds.noise(100_000L * round + i);
        float[] update = {(float) (2.0 * (i + 0.5) / clients)};
        int[] ring = pipeline.encode(AdaptiveClip.joint(update, joint, bit), noise).ring();
        sum[0] += ring[0];
        sum[1] += ring[1];
      }
      float[] decoded = new float[2];
      pipeline.decode(0, sum, decoded, Seeds.noise(1));
      clip = adaptive.next(clip, decoded[1], bit, clients);
    }
    assertThat(clip).isCloseTo(expected, within(0.15 * expected));
  }

  @DisplayName("P16: the sum is divided by the number that was expected, not by the one that came")
  @Test
  void next_nobodyCame_takesTheShareForAHalf() {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, 3, 5);
    assertThat(clip.next(0.7, 0, 0.1, 100)).isEqualTo(0.7);
    assertThat(clip.next(0.7, 5, 0.1, 100))
        .isCloseTo(0.7 * Math.exp(-0.05), withinPercentage(1e-10));
    assertThat(clip.next(0.7, Double.NaN, 0.1, 100)).isEqualTo(0.7);
    assertThat(clip.next(2e-9, 1e9, 0.1, 100)).isEqualTo(1e-9);
    assertThat(clip.next(1e5, -1e9, 0.1, 100)).isEqualTo(1e6);
    assertThatIllegalArgumentException().isThrownBy(() -> clip.next(0.7, 0, 0.1, 0));
  }

  @Test
  void parametersThatAreNone_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 10, 5))
        .withMessageContaining("must be < 2 bitSigma = 10.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(1.1, 0.2, 1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(Double.NaN, 0.2, 1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0, 1, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 0, 5));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 1, 0));
  }
}
