package dev.tributary.simulation.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KillPlanTest {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void of_anySeed_killsDistinctHostsWhileTheRunStillGoesOn(long seed) {
    KillPlan plan = KillPlan.of(seed, 20, 80, 3);
    assertThat(plan).isEqualTo(KillPlan.of(seed, 20, 80, 3));
    assertThat(plan.kills()).hasSize(3);
    assertThat(plan.kills().stream().map(KillPlan.Kill::host).distinct()).hasSize(3);
    assertThat(plan.kills())
        .allSatisfy(kill -> assertThat(kill.afterRound()).isBetween(8, 55))
        .allSatisfy(kill -> assertThat(kill.awayMillis()).isBetween(3_000L, 7_000L));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void of_fewRounds_stillFindsAMoment(int rounds) {
    assertThat(KillPlan.of(1, 4, rounds, 2).kills())
        .hasSize(2)
        .allSatisfy(kill -> assertThat(kill.afterRound()).isBetween(1, Math.max(1, rounds)));
  }
}
