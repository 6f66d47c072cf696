package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What chance does not reach. */
final class TwoLevelGaussianTest {
  @Test
  void minusZero_isDrawnAgain() {
    TwoLevelGaussian noise = new TwoLevelGaussian(4);
    ScriptedBits bits = new ScriptedBits(1, 0);
    assertThat(noise.sample(bits)).isZero();
    assertThat(bits.used()).isEqualTo(2);
  }

  @Test
  void laplaceAndSkellam_minusZero_isDrawnAgainToo() {
    for (IntegerNoise noise : new IntegerNoise[] {new TwoLevelLaplace(4), new TabledSkellam(4)}) {
      ScriptedBits bits = new ScriptedBits(1, 0);
      assertThat(noise.sample(bits)).isZero();
      assertThat(bits.used()).isEqualTo(2);
    }
  }
}
