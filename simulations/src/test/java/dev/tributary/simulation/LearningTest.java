package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Models learn what models of their kind are known to; docs/benchmarks.md has what was reached. */
class LearningTest {
  @Test
  void digitsMlp() {
    assertThat(LearningTargets.digitsMlp()).isGreaterThanOrEqualTo(0.96);
  }

  @Test
  void wdbcLogisticRegression() {
    assertThat(LearningTargets.wdbcLogistic()).isGreaterThanOrEqualTo(0.96);
  }

  @Test
  void vowel2nn_forSpeakersThatItHasNotHeard() {
    assertThat(LearningTargets.vowel2nn()).isGreaterThanOrEqualTo(0.45);
  }

  @Test
  void ames_isBetterThanTheBestRidge() {
    LearningTargets.Ames error = LearningTargets.ames();
    assertThat(error.net()).isLessThan(error.ridge());
  }

  @Test
  void fashion_inAShortForm() {
    assertThat(LearningTargets.fashionSoftmax(2_000, 4)).isGreaterThanOrEqualTo(0.74);
    assertThat(LearningTargets.fashion2nn(2_000, 3)).isGreaterThanOrEqualTo(0.74);
  }

  @Test
  void fashionResNet8_inAShortForm() {
    assertThat(LearningTargets.fashionResNet8(640, 3, 300)).isGreaterThanOrEqualTo(0.30);
  }

  @Test
  void leafCnn_inAShortForm() {
    assertThat(LearningTargets.femnistCnn(LearningTargets.fashionOf62(240), 2, 10))
        .isGreaterThanOrEqualTo(0.40);
  }

  /** The licence of the project for a text: characters by their frequency alone are 3.0 nats. */
  @Test
  void characterModels_inAShortForm() {
    OptionalData.Split text = OptionalData.characters(Path.of("../LICENSE"), 32);
    assertThat(LearningTargets.characterLstm(text, 64, 20)).isLessThan(2.7);
    assertThat(LearningTargets.characterGpt(text, 32, 1, 20)).isLessThan(2.7);
  }

  @Test
  @Tag("nightly")
  void fashionSoftmax() {
    assertThat(LearningTargets.fashionSoftmax(10_000, 20)).isGreaterThanOrEqualTo(0.83);
  }

  @Test
  @Tag("nightly")
  void fashion2nn() {
    assertThat(LearningTargets.fashion2nn(10_000, 15)).isGreaterThanOrEqualTo(0.86);
  }

  @Test
  @Tag("nightly")
  void fashionCnn() {
    assertThat(LearningTargets.fashionCnn(10_000, 12)).isGreaterThanOrEqualTo(0.885);
  }

  @Test
  @Tag("nightly")
  void fashionResNet8() {
    assertThat(LearningTargets.fashionResNet8(10_000, 16, 2_000)).isGreaterThanOrEqualTo(0.89);
  }

  @Test
  @Tag("nightly")
  void characterLstm() {
    assumePresent("tinyshakespeare.txt");
    assertThat(LearningTargets.characterLstm(OptionalData.shakespeare(64), 192, 4)).isLessThan(1.8);
  }

  @Test
  @Tag("nightly")
  void characterGpt() {
    assumePresent("tinyshakespeare.txt");
    assertThat(LearningTargets.characterGpt(OptionalData.shakespeare(64), 128, 3, 1))
        .isLessThan(1.9);
  }

  @Test
  @Tag("nightly")
  void femnistCnn() {
    assumePresent("femnist520-images-idx3-ubyte.gz");
    assumePresent("femnist520-labels-idx1-ubyte.gz");
    assumePresent("femnist520-writers.csv");
    assertThat(LearningTargets.femnistCnn(OptionalData.femnist(), 6, 64))
        .isGreaterThanOrEqualTo(0.72);
  }

  private static void assumePresent(String name) {
    assumeThat(OptionalData.file(name))
        .as("%s in the folder that -D%s names", name, OptionalData.PROPERTY)
        .isPresent();
  }
}
