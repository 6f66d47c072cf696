package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.ChiSquare;
import dev.tributary.privacy.Seeds;
import dev.tributary.privacy.noise.DiscreteGaussianPmf.Cells;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Samplers against the exact probabilities by chi-square. Keys are fixed, so an outcome repeats; a
 * correct sampler fails a freshly chosen key with probability {@value #FALSE_ALARM} per test.
 */
@Tag("statistical")
final class IntegerNoiseTest {
  private static final double FALSE_ALARM = 1e-6;

  /**
   * At this size a sigma 2 % too small adds about 8e-4 of the draws to chi-square: 480, against a
   * limit near 90.
   */
  private static final int DRAWS = 600_000;

  private static final double COARSE = 1.0 / 32;

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 0.5, 1, 4, 15.9, 31.9, 32, 33.3, 64, 100, 2920.7, 36000.25, 1.05e6})
  void discreteGaussian_fitsItsDistribution(double sigma) {
    assertFits(IntegerNoise.discreteGaussian(sigma), sigma, COARSE, DRAWS);
  }

  /**
   * Every integer is a cell of its own near the centre, so that a fault in the lower level shows.
   */
  @ParameterizedTest
  @ValueSource(doubles = {12, 33.3, 64, 100})
  void discreteGaussian_fitsIntegerByInteger(double sigma) {
    assertFits(IntegerNoise.discreteGaussian(sigma), sigma, 5e-4, 1_000_000);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 4, 33.3})
  void canonneKamathSteinke_fitsItsDistribution(double sigma) {
    assertFits(new CanonneKamathSteinke(sigma), sigma, COARSE, 60_000);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 15.9, 100, 2920.7})
  void sigmaTwoPercentTooSmall_isNoticed(double sigma) {
    Cells cells = new DiscreteGaussianPmf(sigma).cells(COARSE);
    double misfit = misfit(IntegerNoise.discreteGaussian(0.98 * sigma), cells, DRAWS);
    assertThat(misfit).isGreaterThan(limit(cells));
  }

  @ParameterizedTest
  @ValueSource(doubles = {15.9, 100})
  void roundedContinuousGaussian_withoutTheMiddle_isNoticed(double sigma) {
    Cells cells = new DiscreteGaussianPmf(sigma).cells(5e-4);
    IntegerNoise exact = IntegerNoise.discreteGaussian(sigma);
    IntegerNoise skewed = bits -> exact.sample(bits) | 1;
    assertThat(misfit(skewed, cells, 100_000)).isGreaterThan(limit(cells));
  }

  /**
   * Above the reach of tables: mean and variance of 2000 draws, each off by 5.5 standard errors
   * with 4e-8.
   */
  @Test
  void sigmaBeyondTheTables_isDrawnInIntegers() {
    double sigma = 0x1p33;
    IntegerNoise noise = IntegerNoise.discreteGaussian(sigma);
    assertThat(noise).isInstanceOf(CanonneKamathSteinke.class);
    int draws = 2000;
    double sum = 0;
    double squares = 0;
    BitStream bits = Seeds.noise(3).open("draws");
    for (int i = 0; i < draws; i++) {
      double x = noise.sample(bits) / sigma;
      sum += x;
      squares += x * x;
    }
    assertThat(sum / draws).isCloseTo(0, within(5.5 / Math.sqrt(draws)));
    assertThat(squares / draws).isCloseTo(1, within(5.5 * Math.sqrt(2.0 / draws)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void sigmaThatIsNone_isRefused(double sigma) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNoise.discreteGaussian(sigma))
        .withMessageStartingWith("sigma must be > 0");
  }

  private static void assertFits(IntegerNoise noise, double sigma, double cell, int draws) {
    Cells cells = new DiscreteGaussianPmf(sigma).cells(cell);
    assertThat(misfit(noise, cells, draws)).as("sigma %s", sigma).isLessThan(limit(cells));
  }

  private static double limit(Cells cells) {
    return ChiSquare.limit(Math.max(1, cells.masses().length - 1), FALSE_ALARM);
  }

  private static double misfit(IntegerNoise noise, Cells cells, int draws) {
    long[] seen = new long[cells.masses().length];
    BitStream bits = Seeds.noise(20).open("draws");
    for (int i = 0; i < draws; i++) {
      seen[cells.of(noise.sample(bits))]++;
    }
    double[] expected = Arrays.stream(cells.masses()).map(mass -> mass * draws).toArray();
    return ChiSquare.statistic(seen, expected);
  }
}
