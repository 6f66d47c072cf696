package dev.tributary.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.Jobs;
import dev.tributary.coordinator.job.Job;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.Relation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every word that a job may write for its mechanism is a mechanism that a round can run. */
final class NoiseTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        Job.Privacy.DISTRIBUTED,
        Job.Privacy.SKELLAM,
        Job.Privacy.LOCAL_GAUSSIAN,
        Job.Privacy.LOCAL_LAPLACE,
        Job.Privacy.CENTRAL
      })
  void mechanism_calibratedOrStated_isTheOneOfThatName(String mechanism) {
    Job calibrated = Jobs.withNoise("privacy.mechanism=" + mechanism);
    Noise noise = Noise.of(calibrated);
    assertThat(noise.mechanism().id()).isEqualTo(mechanism);
    assertThat(Noise.plan(calibrated, 2).guarantee().epsilon()).isBetween(7.999, 8.0);
    boolean central = noise.mechanism() instanceof Mechanism.Central;
    assertThat(calibrated.privacy().madeByClients()).isEqualTo(!central);
    assertThat(calibrated.privacy().relation())
        .isEqualTo(central ? Relation.ADD_REMOVE : Relation.ZERO_OUT);
    Job stated = Jobs.withNoise("privacy.mechanism=" + mechanism, "privacy.noiseMultiplier=6");
    assertThat(Noise.of(stated).mechanism().noiseMultiplier()).isEqualTo(6);
    assertThat(Noise.of(stated).mechanism().id()).isEqualTo(mechanism);
  }
}
