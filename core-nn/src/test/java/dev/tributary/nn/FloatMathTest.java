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
}
