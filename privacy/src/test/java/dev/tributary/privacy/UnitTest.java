package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UnitTest {
  @Test
  void units_areUserAndExample() {
    assertThat(Unit.values()).containsExactly(Unit.USER, Unit.EXAMPLE);
  }
}
