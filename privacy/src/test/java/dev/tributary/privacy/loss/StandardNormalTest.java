package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StandardNormalTest {
  /** Values to 17 digits; rounding x itself costs x^2 2^-52 of the result. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.5",
    "-0.1, 0.46017216272297101",
    "-1, 0.15865525393145705",
    "-3, 1.3498980316300945e-3",
    "-5, 2.8665157187919391e-7",
    "-10, 7.6198530241605261e-24",
    "-30, 4.9067139271481873e-198",
    "2, 0.97724986805182079"
  })
  void cdf_isExactToItsLastDigits(double x, double expected) {
    assertThat(StandardNormal.cdf(x))
        .isCloseTo(expected, within((4e-15 + 2e-16 * x * x) * expected));
  }

  @ParameterizedTest
  @CsvSource({
    "8, 9, 6.2209057427178e-16",
    "-9, -8, 6.2209057427178e-16",
    "-1, 1, 0.68268949213708585"
  })
  void between_isTakenInTheRightTail(double from, double to, double expected) {
    assertThat(StandardNormal.between(from, to)).isCloseTo(expected, within(3e-4 * expected));
    assertThat(StandardNormal.between(from, to))
        .isCloseTo(StandardNormal.between(-to, -from), within(1e-15 * expected));
  }
}
