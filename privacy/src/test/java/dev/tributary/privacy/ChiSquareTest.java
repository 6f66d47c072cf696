package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ChiSquareTest {
  @Test
  void limit_isThatOfTheTables() {
    assertThat(ChiSquare.limit(1, 0.05)).isCloseTo(3.841459, within(1e-6));
    assertThat(ChiSquare.limit(10, 0.01)).isCloseTo(23.209251, within(1e-6));
    assertThat(ChiSquare.limit(100, 0.001)).isCloseTo(149.449253, within(1e-6));
  }
}
