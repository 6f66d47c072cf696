package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivacyEventTest {
  static List<PrivacyEvent> events() {
    return List.of(
        new PrivacyEvent.NonPrivate(),
        new PrivacyEvent.Gaussian(3.28),
        new PrivacyEvent.Gaussian(Double.MIN_VALUE),
        new PrivacyEvent.DiscreteGaussian(8192.5, 1e300),
        new PrivacyEvent.DistributedDiscreteGaussian(8192.25, 2920.1, 84, 1L << 40),
        new PrivacyEvent.DistributedSkellam(8192.25, 1e7, 84, 8192),
        new PrivacyEvent.LocalDiscreteLaplace(100.5, 0.1));
  }

  @ParameterizedTest
  @MethodSource("events")
  void canonical_readsBackToTheEqualEvent(PrivacyEvent event) {
    assertThat(PrivacyEvent.parse(event.canonical())).isEqualTo(event);
  }

  @Test
  void canonical_isThisText() {
    assertThat(new PrivacyEvent.NonPrivate().canonical()).isEqualTo("non-private()");
    assertThat(new PrivacyEvent.DistributedDiscreteGaussian(1.5, 2, 84, 8192).canonical())
        .isEqualTo(
            "distributed-discrete-gaussian(sensitivity=0x1.8p0,shareSigma=0x1.0p1,shares=84,dimension=8192)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "gaussian",
        "gaussian()",
        "gaussian(noiseMultiplier=3.28)",
        "gaussian(noiseMultiplier=0x1.0p1,extra=1)",
        "gaussian(noiseMultiplier=0x1.0p1) ",
        "gaussian(noiseMultiplier=-0x1.0p1)",
        "gaussian(noiseMultiplier=NaN)",
        "gaussian(noiseMultiplier)",
        "exponential(scale=0x1.0p1)",
        "discrete-gaussian(sigma=0x1.0p1,sensitivity=0x1.0p1)",
        "distributed-discrete-gaussian(sensitivity=0x1.8p0,shareSigma=0x1.0p1,shares=99999999999,dimension=1)"
      })
  void parse_anyOtherText_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrivacyEvent.parse(text))
        .withMessageContaining("privacy event");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void numbersThatAreNone_areRefused(double bad) {
    assertThatIllegalArgumentException().isThrownBy(() -> new PrivacyEvent.Gaussian(bad));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.DiscreteGaussian(bad, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.DiscreteGaussian(1, bad));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.DistributedDiscreteGaussian(1, bad, 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.DistributedDiscreteGaussian(1, 1, 0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.DistributedSkellam(1, bad, 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.LocalDiscreteLaplace(bad, 1));
  }
}
