package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void byName_ofNameAndParameters_isTheSameSchedule() {
    for (Schedule schedule :
        List.of(
            Schedule.constant(),
            new Schedule.Linear(0.5, 0.2),
            new Schedule.Cosine(0.2, 0.1),
            new Schedule.Staircase(3, 0.5))) {
      assertThat(Schedule.byName(schedule.name(), schedule.parameters())).isEqualTo(schedule);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "linaer, from, 0, schedule: expected constant",
    "constant, from, 0, schedule constant takes the settings []",
    "linear, from, 0, '[floor, from]'",
    "linear, warmup, 0, '[floor, from]'",
    "cosine, warmup, 2, warmup must be in [0",
    "staircase, every, 1.5, every must be a whole number",
    "staircase, every, 0, every must be at least 1",
    "staircase, factor, 2, 'factor in (0, 1]'"
  })
  void byName_whatItDoesNotKnow_isRefusedByName(
      String name, String setting, double value, String rule) {
    TreeMap<String, Double> settings = new TreeMap<>();
    if (name.equals("cosine")) {
      settings.put("floor", 0.0);
    }
    if (name.equals("staircase")) {
      settings.put("every", 2.0);
      settings.put("factor", 0.5);
    }
    settings.put(setting, value);
    assertThatThrownBy(() -> Schedule.byName(name, settings))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining(rule);
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
