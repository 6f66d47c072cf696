package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.java.JavaEngine;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  @Test
  void factor_ofEachSchedule_isItsFormula() {
    assertThat(Schedule.constant().factor(7, 10)).isEqualTo(1);
    Schedule linear = new Schedule.Linear(0.5, 0.2);
    assertThat(linear.factor(5, 10)).isEqualTo(1);
    assertThat(linear.factor(10, 10)).isCloseTo(0.2, within(1e-12));
    assertThat(linear.factor(7, 10)).isCloseTo(1 - 0.8 * 0.4, within(1e-12));
    Schedule cosine = new Schedule.Cosine(0.2, 0.1);
    assertThat(cosine.factor(0, 10)).isEqualTo(0.5);
    assertThat(cosine.factor(1, 10)).isEqualTo(1);
    assertThat(cosine.factor(6, 10)).isCloseTo(0.1 + 0.9 * 0.5, within(1e-12));
    assertThat(cosine.factor(10, 10)).isCloseTo(0.1, within(1e-12));
    Schedule staircase = new Schedule.Staircase(3, 0.5);
    assertThat(staircase.factor(2, 10)).isEqualTo(1);
    assertThat(staircase.factor(3, 10)).isEqualTo(0.5);
    assertThat(staircase.factor(6, 10)).isEqualTo(0.25);
  }

  @Test
  void schedule_outOfRange_isRefused() {
    assertThatThrownBy(() -> new Schedule.Linear(1.5, 0)).hasMessageContaining("from must be in");
    assertThatThrownBy(() -> new Schedule.Cosine(0, -1)).hasMessageContaining("floor must be in");
    assertThatThrownBy(() -> new Schedule.Staircase(0, 0.5)).hasMessageContaining("every must be");
  }

  /** One step of plain SGD from a rate of 1: the update is the clipped gradient. */
  @Test
  void train_withClipNorm_takesAStepOfThatLength() {
    ModelSpec spec = Models.mlp(6, 5, 3);
    ModelFile start = ModelFile.of(spec, spec.initialise(3));
    Dataset data = Models.noise(spec, 8, 1);
    float[] free = train(start, data, Double.POSITIVE_INFINITY, Schedule.constant());
    double length = length(free);
    assertThat(length(train(start, data, length / 3, Schedule.constant())))
        .isCloseTo(length / 3, within(1e-6));
    assertThat(train(start, data, length * 2, Schedule.constant())).isEqualTo(free);
    assertThat(length(train(start, data, Double.POSITIVE_INFINITY, new Schedule.Linear(0, 0.25))))
        .isCloseTo(length, within(1e-6));
    assertThatThrownBy(() -> train(start, data, 0, Schedule.constant()))
        .hasMessageContaining("clipNorm must be above 0");
  }

  private static float[] train(ModelFile start, Dataset data, double norm, Schedule schedule) {
    TrainingConfig config =
        new TrainingConfig(1, 8, OptimizerSpec.sgd(1, 0, 0), LocalMethod.sgd(), schedule, norm);
    return LocalTraining.train(new JavaEngine(), start, data, config, 1).update();
  }

  private static double length(float[] values) {
    double square = 0;
    for (float value : values) {
      square += value * value;
    }
    return Math.sqrt(square);
  }
}
