package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleTest {
  @ParameterizedTest
  @CsvSource({
    "0,80",
    "0,1",
    "61.2,78.4",
    "0.611,0.6112",
    "0,4.0",
    "-3,3",
    "5,5",
    "0,0",
    "1e-7,3e-7",
    "0,1e6",
    "3.79e10,3.86e10",
    "-2.5e9,1e9",
    "1.2345678e9,1.2345679e9"
  })
  void over_anyInterval_containsItWithFewTicks(double low, double high) {
    Scale scale = Scale.over(low, high, 200, 10, 5);
    assertThat(scale.low()).isLessThanOrEqualTo(low + 1e-12);
    assertThat(scale.high())
        .isGreaterThanOrEqualTo(high - 1e-9 * Math.abs(high))
        .isGreaterThan(scale.low());
    assertThat(scale.ticks().size()).isBetween(2, 12);
    assertThat(scale.ticks().stream().map(scale::label).distinct().count())
        .as("labels tell ticks apart")
        .isEqualTo(scale.ticks().size());
    assertThat(scale.ticks().stream().map(scale::label))
        .as("there is room for labels of ten characters")
        .allMatch(label -> label.length() <= (high > 1e9 && high - low < 1e3 ? 12 : 8));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "3", "7", "12", "13", "30", "80", "101", "999", "100000"})
  void rounds_ofAnyNumber_areWhole(int rounds) {
    Scale scale = Scale.rounds(rounds, 0, 100, 5);
    assertThat(scale.low()).isZero();
    assertThat(scale.high()).isBetween(Math.max(1.0, rounds), Math.max(1.0, 1.8 * rounds));
    assertThat(scale.ticks().size()).isBetween(2, 8);
    assertThat(scale.ticks()).allMatch(tick -> tick == Math.rint(tick));
  }

  @Test
  void label_roundSteps_haveNoNeedlessDigits() {
    Scale scale = Scale.over(0, 80, 0, 100, 5);
    assertThat(scale.ticks().stream().map(scale::label))
        .containsExactly("0", "20", "40", "60", "80");
    assertThat(scale.at(40)).isEqualTo(50);
  }
}
