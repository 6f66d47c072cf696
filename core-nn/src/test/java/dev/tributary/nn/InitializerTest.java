package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Mean and variance of 40,000 draws from one fixed seed: the outcome never changes. Bounds are six
 * standard errors, so a right sampler fails for a fresh seed with probability below 1e-7.
 */
final class InitializerTest {
  private static final int COUNT = 40_000;
  private static final int FAN_IN = 50;
  private static final int FAN_OUT = 30;

  @ParameterizedTest
  @EnumSource(Initializer.class)
  void fill_hasTheVarianceOfItsRule(Initializer initializer) {
    float[] values = new float[COUNT + 2];
    initializer.fill(values, 1, COUNT, FAN_IN, FAN_OUT, new SeededStream(17));
    assertThat(values[0]).isZero();
    assertThat(values[COUNT + 1]).isZero();
    double variance =
        switch (initializer) {
          case GLOROT_UNIFORM, GLOROT_NORMAL -> 2.0 / (FAN_IN + FAN_OUT);
          case HE_UNIFORM, HE_NORMAL -> 2.0 / FAN_IN;
          case LECUN_UNIFORM, LECUN_NORMAL -> 1.0 / FAN_IN;
          case RANDOM_UNIFORM -> 0.05 * 0.05 / 3;
          case RANDOM_NORMAL -> 0.02 * 0.02;
          case ZEROS, ONES -> 0;
        };
    double expected = initializer == Initializer.ONES ? 1 : 0;
    double sum = 0;
    double squares = 0;
    double highest = 0;
    for (int i = 1; i <= COUNT; i++) {
      sum += values[i] - expected;
      squares += (values[i] - expected) * (values[i] - expected);
      highest = Math.max(highest, Math.abs(values[i] - expected));
    }
    assertThat(sum / COUNT).isCloseTo(0, within(6 * Math.sqrt(variance / COUNT)));
    assertThat(squares / COUNT).isCloseTo(variance, within(6 * variance * Math.sqrt(2.0 / COUNT)));
    boolean normal = initializer.name().endsWith("NORMAL");
    if (variance > 0) {
      double deviations = highest / Math.sqrt(variance);
      assertThat(deviations).isBetween(normal ? 3.5 : 1.7, normal ? 6.0 : Math.sqrt(3) + 1e-6);
    }
  }
}
