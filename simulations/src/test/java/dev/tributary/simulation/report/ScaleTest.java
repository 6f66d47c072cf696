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
    "1.2345678e9,1.2345679e9",
    "93040,193090",
    "0,1234567",
    "-999999,0",
    "-0.004,0.001",
    "-0.0004,0.00001"
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
    if (high - low > 1e-6 * high) {
      assertThat(scale.ticks().stream().map(scale::label))
          .as("there is room left of the axis, at the size of a phone")
          .allMatch(label -> 13.5 * wide(label) <= Chart.LEFT - 7);
    }
  }

  /** Width in em in DejaVu Sans, a wide one of the fonts that systems have. */
  private static double wide(String label) {
    return label
        .chars()
        .mapToDouble(
            letter -> letter == '.' ? 0.318 : letter == '-' ? 0.361 : letter == 'e' ? 0.615 : 0.636)
        .sum();
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
