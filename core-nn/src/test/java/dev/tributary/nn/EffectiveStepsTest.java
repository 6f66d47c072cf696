package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What steps add up to is how far the optimizer itself goes on a gradient that stays. */
final class EffectiveStepsTest {
  private static TrainingConfig config(OptimizerSpec optimizer) {
    return new TrainingConfig(1, 1, optimizer, LocalMethod.sgd());
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 7", "0.5, 1", "0.9, 1", "0.9, 13", "0.99, 200"})
  void ofMomentum_isTheWayOfTheOptimizer(double momentum, int steps) {
    OptimizerSpec spec = OptimizerSpec.sgd(0.01, momentum, 0);
    Optimizer optimizer = spec.create(1);
    float[] parameter = {0};
    for (int i = 0; i < steps; i++) {
      optimizer.step(parameter, new float[] {1}, 0, 1, 1);
      optimizer.endStep();
    }

    assertThat(config(spec).effectiveSteps(steps))
        .isCloseTo(-parameter[0] / 0.01, within(1e-4 * steps));
  }

  @Test
  void ofWhatHasNoSuchNumber_refused() {
    OptimizerSpec sgd = OptimizerSpec.sgd(0.1, 0, 0);
    for (TrainingConfig config :
        new TrainingConfig[] {
          config(OptimizerSpec.adam(0.1)),
          new TrainingConfig(
              1, 1, sgd, LocalMethod.sgd(), new Schedule.Linear(0, 0), Double.POSITIVE_INFINITY),
          new TrainingConfig(1, 1, sgd, LocalMethod.sgd(), Schedule.constant(), 1)
        }) {
      assertThat(config.addsUp()).isFalse();
      assertThatThrownBy(() -> config.effectiveSteps(3))
          .isInstanceOf(TrainingConfigException.class)
          .hasMessageContaining("sgd with a constant learning rate");
    }
  }
}
