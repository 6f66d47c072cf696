package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
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
    double next = new AdaptiveClip(quantile, 0.2, 1, 5, 1).next(clip, share);
    assertThat(next).isCloseTo(expected, withinPercentage(1e-10));
  }

  /** Update and bit together cost what z costs alone, but for the rounding of the update. */
  @ParameterizedTest
  @CsvSource({"1, 5", "3, 2.5", "0.5, 50"})
  void events_togetherCostWhatTheDeclaredNoiseCosts(double z, double bitSigma) {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, z, bitSigma, 84);
    PipelineSpec spec = Specs.distributed(7850, 0.3, clip.updateNoiseMultiplier());
    List<Charge> both = clip.events(spec).stream().map(event -> new Charge(event, 8)).toList();
    List<Charge> alone = List.of(new Charge(new PrivacyEvent.Gaussian(z), 8));
    RdpAccountant rdp = new RdpAccountant();
    double expected = rdp.epsilon(alone, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    double epsilon = rdp.epsilon(both, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    assertThat(epsilon).isBetween(expected, expected * 1.002);
  }

  /** The event of a round does not depend on where the clip has gone. */
  @Test
  void events_areTheSameForEveryClip() {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, 3, 5, 84);
    double z = clip.updateNoiseMultiplier();
    List<PrivacyEvent> events = clip.events(Specs.distributed(7850, 0.25, z));
    assertThat(clip.events(Specs.distributed(7850, 4, z))).isEqualTo(events);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> clip.events(Specs.distributed(7850, 1, 3)))
        .withMessageContaining("the update must have noise shares for 84");
    assertThatIllegalArgumentException().isThrownBy(() -> clip.events(Specs.central(7850, 1, z)));
  }

  /** At 84 shares of sigma_b = 5 a share of the bit 2 is 2.18 grid steps wide. */
  @Test
  void encode_isTheBitAndItsShare() {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, 3, 5, 84);
    long within = clip.encode(0.3, 0.3, Seeds.noise(1));
    assertThat(clip.encode(0.31, 0.3, Seeds.noise(1))).isEqualTo(within - 4);
    assertThat(clip.encode(Double.NaN, 0.3, Seeds.noise(1))).isEqualTo(within - 4);
    assertThat(clip.encode(Double.POSITIVE_INFINITY, 0.3, Seeds.noise(1))).isEqualTo(within - 4);
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
    AdaptiveClip adaptive = new AdaptiveClip(quantile, 0.2, 1, 10, clients);
    double clip = start;
    for (int round = 0; round < 60; round++) {
      long sum = 0;
      for (int i = 0; i < clients; i++) {
        NoiseSource noise = Seeds.noise(100_000L * round + i);
        sum += adaptive.encode(2.0 * (i + 0.5) / clients, clip, noise);
      }
      clip = adaptive.next(clip, sum, clients);
    }
    assertThat(clip).isCloseTo(expected, within(0.15 * expected));
  }

  @DisplayName("P16: the sum is divided by the number that was expected, not by the one that came")
  @Test
  void next_nobodyCame_takesTheShareForAHalf() {
    AdaptiveClip clip = new AdaptiveClip(0.5, 0.2, 3, 5, 84);
    assertThat(clip.next(0.7, 0, 100)).isEqualTo(0.7);
    assertThatIllegalArgumentException().isThrownBy(() -> clip.next(0.7, 0, 0));
  }

  @Test
  void parametersThatAreNone_areRefused() {
    assertThat(AdaptiveClip.median(1, 100, 84)).isEqualTo(new AdaptiveClip(0.5, 0.2, 1, 5, 84));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 10, 5, 1))
        .withMessageContaining("must be < 2 bitSigma = 10.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(1.1, 0.2, 1, 5, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AdaptiveClip(Double.NaN, 0.2, 1, 5, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0, 1, 5, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 0, 5, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveClip(0.5, 0.2, 1, 5, 0));
  }
}
