package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Closed forms beyond the reference rows; digits by mpmath 1.3.0 at 60 digits where given. */
final class ClosedFormsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 60, -1779.2333908700934",
    "0.05, 500, -116.693695159531739",
    "0.001, 1000000, -125007.539017517473",
    "30, 0.5, -121.999505756908082",
    "1000, 0.0001, -7.95485863976862153",
    "100000, 0.0000001, -12.4444256589264501",
    "5, 20, -5001.7440157133827",
    "0.5, 0, -0.381715146302126072",
    "0.01, 1, 0.0",
    "0.001, 500500, -1.17705291884321573",
    "0.01, 5050, -1.18732958138857574",
    "0.01, 4990, -0.62389216895307375",
    "250, 3, -281268.180553197421"
  })
  void analyticGaussian_logDelta_isRightFarOut(double z, double epsilon, double expected) {
    assertThat(AnalyticGaussian.logDelta(z, epsilon)).isCloseTo(expected, withinPercentage(1e-11));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.3, 1, 7, 150})
  void analyticGaussian_inverses_undoEachOther(double z) {
    for (double delta : new double[] {0.3, 1e-3, 1e-6, 1e-15, 1e-100}) {
      double epsilon = AnalyticGaussian.epsilon(z, delta);
      if (epsilon > 0) {
        assertThat(AnalyticGaussian.delta(z, epsilon)).isLessThanOrEqualTo(delta * (1 + 1e-10));
        assertThat(AnalyticGaussian.delta(z, epsilon * (1 - 1e-9))).isGreaterThan(delta);
        assertThat(AnalyticGaussian.noiseMultiplier(epsilon, delta))
            .isCloseTo(z, withinPercentage(1e-8));
      }
    }
  }

  /** On a fine grid the discrete Gaussian is the continuous one; on a coarse grid it is not. */
  @Test
  void discreteGaussian_tendsToTheContinuousOne() {
    double continuous = AnalyticGaussian.delta(2, 1);
    assertThat(ExactDiscreteGaussian.delta(2000, 1000, 1))
        .isCloseTo(continuous, withinPercentage(0.2));
    assertThat(ExactDiscreteGaussian.delta(200_000, 100_000, 1))
        .isCloseTo(continuous, withinPercentage(0.002));
    assertThat(ExactDiscreteGaussian.delta(2, 1, 1) / continuous).isGreaterThan(1.05);
  }

  @Test
  void discreteGaussian_delta_growsWithTheShift_andFallsWithEpsilon() {
    double last = 0;
    for (int shift = 1; shift < 60; shift++) {
      double delta = ExactDiscreteGaussian.delta(7.3, shift, 0.8);
      assertThat(delta).isGreaterThan(last).isLessThanOrEqualTo(1);
      last = delta;
    }
    last = 1;
    for (double epsilon = 0; epsilon < 20; epsilon += 0.37) {
      double delta = ExactDiscreteGaussian.delta(3.1, 4, epsilon);
      assertThat(delta).isLessThan(last);
      last = delta;
    }
  }

  @Test
  void discreteGaussian_shiftFarBeyondTheNoise_isTellable() {
    assertThat(ExactDiscreteGaussian.delta(0.01, 10, 1)).isOne();
    assertThat(ExactDiscreteGaussian.delta(1, 1_000_000, 1)).isCloseTo(1, withinPercentage(1e-12));
  }

  @DisplayName("P4: nothing of this is restricted to epsilon below 1, and bad numbers are refused")
  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void numbersThatAreNone_areRefused(double bad) {
    assertThatIllegalArgumentException().isThrownBy(() -> AnalyticGaussian.delta(bad, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> AnalyticGaussian.delta(1, bad));
    assertThatIllegalArgumentException().isThrownBy(() -> AnalyticGaussian.epsilon(1, bad));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AnalyticGaussian.noiseMultiplier(bad, 0.1));
    assertThatIllegalArgumentException().isThrownBy(() -> ExactDiscreteGaussian.delta(bad, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> ExactDiscreteGaussian.delta(1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> ExactDiscreteGaussian.delta(1e8, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> RoundedNorm.l2Bound(bad, 0.5, 10));
    assertThatIllegalArgumentException().isThrownBy(() -> RoundedNorm.l2Bound(1, 1, 10));
    assertThatIllegalArgumentException().isThrownBy(() -> SumOfDiscreteGaussians.tau(1, bad));
  }

  @Test
  void heuristicScale_ringFullOfRounding_isRefused() {
    assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(() -> HeuristicScale.factor(0.1, 1, 4, 100, 4096, 4, 1))
        .withMessageContaining("Raise ringBits");
  }
}
