package dev.tributary.secagg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final SumParameters TEN =
      SumParameters.derive(Sa1.ID, Mode.MALICIOUS, 10, 0, 0.3, 2, 0, 13, 50);

  @Test
  void of_sa1_allTimesComeFromTheDeadline() {
    Schedule schedule = Schedule.of(START, Duration.ofSeconds(100), new Sa1().steps(TEN));
    assertThat(schedule.endOf("advertise")).isEqualTo(START.plusSeconds(10));
    assertThat(schedule.endOf("share")).isEqualTo(START.plusSeconds(20));
    assertThat(schedule.endOf("input")).isEqualTo(START.plusSeconds(80));
    assertThat(schedule.endOf("sign")).isEqualTo(START.plusSeconds(90));
    assertThat(schedule.endOf("unmask")).isEqualTo(schedule.end());
    assertThat(schedule.end()).isEqualTo(START.plusSeconds(100));
    assertThat(schedule.toString()).contains("input until 2026-01-01T00:01:20Z");
  }

  @Test
  void of_badInput_refused() {
    assertThatThrownBy(() -> Schedule.of(START, Duration.ZERO, new Sa1().steps(TEN)))
        .hasMessageContaining("PT0S");
    assertThatThrownBy(
            () ->
                Schedule.of(
                    START, Duration.ofSeconds(1), List.of(new Step("input", Role.CLIENT, 0.4, 1))))
        .hasMessageContaining("0.4");
    assertThatThrownBy(
            () -> Schedule.of(START, Duration.ofSeconds(1), new Sa1().steps(TEN)).endOf("nothing"))
        .hasMessageContaining("nothing");
  }
}
