package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StochasticRoundingTest {
  /** 200,000 draws of a coin of probability p: off by 5.5 standard errors with probability 4e-8. */
  @Tag("statistical")
  @ParameterizedTest
  @ValueSource(floats = {0.25f, -0.25f, 0.999f, -7.5f, 3f, -3f})
  void round_isRightOnAverage_andNeverFartherThanOne(float value) {
    int n = 200_000;
    float[] from = new float[n];
    Arrays.fill(from, value);
    int[] into = new int[n];
    assertThat(new StochasticRounding(1e6).round(from, into, Seeds.noise(4).open("r"))).isTrue();
    double sum = 0;
    for (int x : into) {
      assertThat(Math.abs(x - value)).isLessThan(1);
      sum += x;
    }
    double fraction = value - Math.floor(value);
    double error = Math.sqrt(fraction * (1 - fraction) / n);
    assertThat(sum / n).isCloseTo(value, within(5.5 * error + 1e-9));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void round_whenItSucceeds_keepsTheBound(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int dimension = 1 << (4 + random.nextInt(8));
    double norm = Math.exp(random.nextDouble(0, 8));
    float[] from = new float[dimension];
    double squared = 0;
    for (int i = 0; i < dimension; i++) {
      from[i] = (float) random.nextDouble(-1, 1);
      squared += (double) from[i] * from[i];
    }
    for (int i = 0; i < dimension; i++) {
      from[i] *= (float) (norm / Math.sqrt(squared));
    }
    double bound = RoundedNorm.l2Bound(norm, RoundedNorm.BETA, dimension);
    int[] into = new int[dimension];
    boolean success = new StochasticRounding(bound).round(from, into, Seeds.noise(seed).open("r"));
    assertThat(success).as("seed %s", seed).isTrue();
    BigInteger exact = BigInteger.ZERO;
    for (int x : into) {
      exact = exact.add(BigInteger.valueOf(x).pow(2));
    }
    assertThat(exact)
        .as("seed %s", seed)
        .isLessThanOrEqualTo(BigInteger.valueOf((long) (bound * bound)));
  }

  @Test
  void round_vectorBeyondTheBound_givesUpAfterBoundedAttempts() {
    float[] from = {10, 10, 10, 10};
    assertThat(new StochasticRounding(19.9).round(from, new int[4], Seeds.noise(1).open("r")))
        .isFalse();
    assertThat(new StochasticRounding(20).round(from, new int[4], Seeds.noise(1).open("r")))
        .isTrue();
  }

  @Test
  void round_coordinatesThatOverflowTheirSquares_areRefusedNotWrapped() {
    float[] from = new float[64];
    Arrays.fill(from, 3e9f);
    assertThat(new StochasticRounding(0x1p30).round(from, new int[64], Seeds.noise(1).open("r")))
        .isFalse();
    Arrays.fill(from, -3e38f);
    assertThat(new StochasticRounding(0x1p30).round(from, new int[64], Seeds.noise(1).open("r")))
        .isFalse();
  }

  /** Each size on its own side of 2^26, alone at the end of a vector of odd length. */
  @ParameterizedTest
  @ValueSource(ints = {1 << 20, (1 << 26) - 1, 1 << 26, (1 << 26) + 64, 1 << 29})
  void round_oneLargeCoordinate_countsWholly(int large) {
    for (int sign : new int[] {1, -1}) {
      float[] from = new float[2049];
      Arrays.fill(from, 2);
      from[2048] = sign * (float) large;
      int[] into = new int[2049];
      double norm = Math.sqrt(4 * 2048 + (double) from[2048] * from[2048]);
      assertThat(
              new StochasticRounding(norm * (1 + 1e-12))
                  .round(from, into, Seeds.noise(1).open("r")))
          .as("%s", from[2048])
          .isTrue();
      assertThat(into[0]).isEqualTo(2);
      assertThat(into[2048]).isEqualTo((int) from[2048]);
      assertThat(
              new StochasticRounding(norm * (1 - 1e-5)).round(from, into, Seeds.noise(1).open("r")))
          .as("%s", from[2048])
          .isFalse();
    }
  }

  /** The whole vector's norm counts, not that of a part of it. */
  @Test
  void round_longVectorBeyondTheBound_isRefused() {
    float[] from = new float[10_000];
    Arrays.fill(from, 3);
    assertThat(new StochasticRounding(299.9).round(from, new int[10_000], Seeds.noise(1).open("r")))
        .isFalse();
    assertThat(new StochasticRounding(300).round(from, new int[10_000], Seeds.noise(1).open("r")))
        .isTrue();
  }

  @Test
  void squaredLimit_isExact() {
    assertThat(IntegerNorm.squaredLimit(0x1p30)).isEqualTo(1L << 60);
    assertThat(IntegerNorm.squaredLimit(Math.nextDown(20.0))).isEqualTo(399);
    assertThat(IntegerNorm.squaredLimit(20)).isEqualTo(400);
    assertThat(IntegerNorm.squaredLimit(94906267.0)).isEqualTo(9007199515875289L);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, 0x1.0000001p30})
  void squaredLimit_boundOutOfRange_isRefused(double bound) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IntegerNorm.squaredLimit(bound))
        .withMessageContaining("2^30");
  }
}
