package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The numbers of parameters that the papers state, or that follow from what they state. */
final class PresetsTest {
  @Test
  void presets_haveTheParametersOfTheirPapers() {
    assertThat(Presets.mcMahan2nn().layout().size()).isEqualTo(199_210);
    assertThat(Presets.mcMahanCnn().layout().size()).isEqualTo(1_663_370);
    assertThat(Presets.leafFemnistCnn().layout().size()).isEqualTo(6_603_710);
    assertThat(Presets.linearRegression(7).layout().size()).isEqualTo(8);
    assertThat(Presets.logisticRegression(100, 2).layout().size()).isEqualTo(202);
    assertThat(Presets.autoencoder(100, 48, 12).layout().size())
        .isEqualTo(100 * 48 + 48 + 48 * 12 + 12 + 12 * 48 + 48 + 48 * 100 + 100);
    assertThat(Presets.autoencoder(100, 48, 12).outputs()).isEqualTo(100);
  }
}
