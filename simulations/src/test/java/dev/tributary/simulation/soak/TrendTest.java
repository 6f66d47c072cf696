package dev.tributary.simulation.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  private static Trend of(IntToDoubleFunction value) {
    List<Integer> rounds = IntStream.range(0, 30).mapToObj(i -> 40 * i).toList();
    return Trend.of(rounds, rounds.stream().map(round -> value.applyAsDouble(round)).toList());
  }

  @Test
  void of_line_givesItsSlope() {
    Trend trend = of(round -> 7 + 3.0 * round);
    assertThat(trend.slope()).isEqualTo(3, within(1e-9));
    assertThat(trend.error()).isEqualTo(0, within(1e-9));
    assertThat(trend.last()).isEqualTo(7 + 3.0 * 40 * 29);
  }

  /** Standard error of a slope: sigma / sqrt(sum of squares of the centred rounds). */
  @Test
  void of_noisyLine_knowsHowWellItIsKnown() {
    SplittableRandom random = new SplittableRandom(6);
    int inside = 0;
    for (int i = 0; i < 1_000; i++) {
      Trend trend = of(round -> 100 * random.nextGaussian());
      inside += Math.abs(trend.slope()) < trend.error() ? 1 : 0;
      assertThat(trend.error()).isBetween(0.02, 0.1); // 100 / sqrt(1600 * 2247.5) = 0.0527
    }
    // Student's t with 28 degrees of freedom is within 1 at 67.4 %.
    assertThat(inside).isBetween(610, 740);
  }

  @Test
  void atLeast_ofGrowthThatStandsOutOfTheNoise_isGrowth() {
    SplittableRandom random = new SplittableRandom(7);
    assertThat(of(round -> round + 100 * random.nextGaussian()).atLeast()).isBetween(0.7, 1.0);
  }
}
