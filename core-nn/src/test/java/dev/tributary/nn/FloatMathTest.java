package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FloatMathTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void exp_isWithinTwoUlp(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      float x = (float) ((random.nextDouble() - 0.5) * 174);
      double exact = StrictMath.exp(x);
      assertThat(Math.abs(FloatMath.exp(x) - exact))
          .as("exp(%s), seed %d", x, seed)
          .isLessThanOrEqualTo(2 * Math.ulp((float) exact));
    }
  }

  @Test
  void exp_atTheEnds_isDefined() {
    assertThat(FloatMath.exp(0)).isEqualTo(1f);
    assertThat(FloatMath.exp(-0f)).isEqualTo(1f);
    assertThat(FloatMath.exp(-88)).isZero();
    assertThat(FloatMath.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.exp(88.7f)).isFinite();
    assertThat(FloatMath.exp(89)).isInfinite();
    assertThat(FloatMath.exp(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(FloatMath.exp(Float.NaN)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void tanhAndSigmoid_areClose(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * 4);
      String what = x + ", seed " + seed;
      double tanh = StrictMath.tanh(x);
      assertThat(Math.abs(FloatMath.tanh(x) - tanh))
          .as(what)
          .isLessThan(1e-8 + 4e-7 * Math.abs(tanh));
      assertThat(Math.abs(FloatMath.sigmoid(x) - 1 / (1 + StrictMath.exp(-x))))
          .as(what)
          .isLessThan(3e-7);
    }
    assertThat(FloatMath.tanh(100)).isEqualTo(1f);
    assertThat(FloatMath.tanh(-100)).isEqualTo(-1f);
    assertThat(FloatMath.tanh(Float.NaN)).isNaN();
    assertThat(FloatMath.sigmoid(-200)).isZero();
  }

  /** The normal distribution against the series of Abramowitz and Stegun, 26.2.11. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void expm1Log1pAndNormal_areClose(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * 2);
      String what = x + ", seed " + seed;
      double expm1 = StrictMath.expm1(x);
      assertThat(Math.abs(FloatMath.expm1(x) - expm1))
          .as(what)
          .isLessThanOrEqualTo(1e-12 + 5e-7 * Math.abs(expm1));
      float part = random.nextFloat();
      double log1p = StrictMath.log1p(part);
      assertThat(Math.abs(FloatMath.log1p(part) - log1p))
          .as(part + ", seed " + seed)
          .isLessThanOrEqualTo(3e-7 * log1p);
      assertThat(Math.abs(FloatMath.normal(x) - normal(x))).as(what).isLessThan(2e-7);
    }
    assertThat(FloatMath.log1p(0)).isZero();
    assertThat(FloatMath.log1p(1)).isEqualTo((float) StrictMath.log(2));
    assertThat(FloatMath.normal(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FloatMath.normal(20)).isEqualTo(1f);
    assertThat(FloatMath.normal(Float.NaN)).isNaN();
  }

  private static double normal(double x) {
    double term = x;
    double sum = x;
    for (int i = 3; i < 400; i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
  }
}
