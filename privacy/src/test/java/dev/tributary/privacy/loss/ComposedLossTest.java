package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ComposedLossTest {
  private static final double[] MASSES = {0.4, 0.3, 0.2, 0.06, 0.04};
  private static final double STEP = 0.5;
  private static final double TILT = 1.5;
  private static final double BASE = 0.7;

  /** Losses -0.5, 0, 0.5, 1 and 1.5, tilted as the composition gives them. */
  private static ComposedLoss of(long from, double added, double rounding) {
    double[] window = new double[MASSES.length];
    for (int i = 0; i < window.length; i++) {
      window[i] = MASSES[i] * Math.exp(TILT * (from + i) * STEP - BASE);
    }
    return new ComposedLoss(window, from, STEP, TILT, BASE, added, rounding);
  }

  private static double exact(long from, double epsilon) {
    double sum = 0;
    for (int i = 0; i < MASSES.length; i++) {
      sum += MASSES[i] * Math.max(0, 1 - Math.exp(epsilon - (from + i) * STEP));
    }
    return sum;
  }

  @Test
  void delta_isTheSumOverLargerLosses() {
    for (double epsilon : new double[] {-0.5, -0.2, 0, 0.3, 0.5, 1.2, 1.5, 2}) {
      assertThat(of(-1, 0, 0).delta(epsilon)).isCloseTo(exact(-1, epsilon), within(1e-14));
    }
    assertThat(of(-1, 0, 0).delta(-0.6)).as("losses below the window are not known").isEqualTo(1);
    assertThat(of(-1, 0.01, 0).delta(0.3)).isCloseTo(0.01 + exact(-1, 0.3), within(1e-14));
    assertThat(of(-1, 0, 1e-3).delta(0.3))
        .isCloseTo(exact(-1, 0.3) + 1e-3 * Math.exp(BASE - TILT * 0.3), within(1e-14));
    assertThat(of(-1, 5, 0).delta(0.3)).isEqualTo(1);
  }

  @Test
  void epsilon_isTheInverseOfDelta() {
    for (double epsilon : new double[] {0.1, 0.5, 0.7, 1.2, 1.4}) {
      double delta = exact(-1, epsilon);
      ComposedLoss.Bound bound = of(-1, 0, 0).epsilon(delta);
      assertThat(bound.epsilon()).isCloseTo(epsilon, within(1e-12));
      assertThat(bound.atNoiseFloor()).isFalse();
      // What is added is taken from delta first.
      assertThat(of(-1, 1e-6, 0).epsilon(delta + 1e-6).epsilon()).isCloseTo(epsilon, within(1e-12));
    }
  }

  @Test
  void epsilon_countsTheRoundingOfTheCellBelow() {
    double delta = exact(-1, 1.2);
    double rounding = 1e-5;
    double atCell = rounding * Math.exp(BASE - TILT * 1.0);
    assertThat(of(-1, 0, rounding).epsilon(delta + atCell).epsilon()).isCloseTo(1.2, within(1e-12));
  }

  @Test
  void epsilon_isNeverNegative_andAtLeastTheWindow() {
    assertThat(of(-1, 0, 0).epsilon(0.9).epsilon()).isZero();
    assertThat(of(-1, 0, 0).epsilon(exact(-1, 0)).epsilon()).isCloseTo(0, within(1e-12));
    for (double epsilon : new double[] {1.2, 1.4}) {
      assertThat(of(2, 0, 0).epsilon(exact(2, epsilon)).epsilon())
          .as("in the window's first cell")
          .isCloseTo(epsilon, within(1e-12));
    }
    // The window begins at 1: what is below it is not known, so nothing under 1 is claimed.
    assertThat(of(2, 0, 0).epsilon(0.99).epsilon()).isEqualTo(1);
    assertThat(of(2, 0, 0).epsilon(0.99).atNoiseFloor()).isFalse();
  }

  @Test
  void epsilon_whereAHundredthOfDeltaIsError_isAtTheFloor() {
    ComposedLoss.Bound certain = of(-1, 0.009e-3, 0).epsilon(1e-3);
    assertThat(certain.atNoiseFloor()).isFalse();
    ComposedLoss.Bound floor = of(-1, 0.011e-3, 0).epsilon(1e-3);
    assertThat(floor.atNoiseFloor()).isTrue();
    assertThat(floor.epsilon()).isEqualTo(1.5);
    // More error than delta at the last point: one step above it.
    ComposedLoss.Bound above = of(-1, 1e-2, 0).epsilon(1e-3);
    assertThat(above.atNoiseFloor()).isTrue();
    assertThat(above.epsilon()).isEqualTo(2);
    assertThat(of(-9, 1e-2, 0).epsilon(1e-3).epsilon()).as("never negative").isZero();
  }
}
