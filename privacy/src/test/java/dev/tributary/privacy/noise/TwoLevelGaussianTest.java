package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What chance does not reach, and each decision of the lower level. */
final class TwoLevelGaussianTest {
  /** K: the lower level of a sigma from 64 to below 128. */
  private static final int WIDTH = 4;

  @Test
  void minusZero_isDrawnAgain() {
    TwoLevelGaussian noise = new TwoLevelGaussian(4);
    ScriptedBits bits = new ScriptedBits(1, 0);
    assertThat(noise.sample(bits)).isZero();
    assertThat(bits.used()).isEqualTo(2);
  }

  @Test
  void laplaceAndSkellam_minusZero_isDrawnAgainToo() {
    for (IntegerNoise noise : new IntegerNoise[] {new TwoLevelLaplace(4), new TabledSkellam(4)}) {
      ScriptedBits bits = new ScriptedBits(1, 0);
      assertThat(noise.sample(bits)).isZero();
      assertThat(bits.used()).isEqualTo(2);
    }
  }

  @Test
  void aLowerLevel_from32On() {
    for (double sigma : new double[] {32, Math.nextDown(32.0)}) {
      for (IntegerNoise noise :
          new IntegerNoise[] {new TwoLevelGaussian(sigma), new TwoLevelLaplace(sigma)}) {
        ScriptedBits bits = new ScriptedBits(0, 0);
        assertThat(noise.sample(bits)).isZero();
        assertThat(bits.used()).as("%s", sigma).isEqualTo(sigma < 32 ? 1 : 2);
      }
    }
  }

  /** exp(-x^2 / (2 s^2)) exp(-y (y + 2 K x) / (2 sigma^2)) = exp(-(K x + y)^2 / (2 sigma^2)). */
  @ParameterizedTest
  @ValueSource(ints = {64, 100})
  void gaussian_isKeptWithTheProbabilityThatMakesTheSquare(int sigma) {
    IntegerNoise noise = new TwoLevelGaussian(sigma);
    CumulativeTable table = new CumulativeTable(Weights.gaussian(sigma / (double) WIDTH));
    for (int x : new int[] {0, 1, 2, 7, 25, 90}) {
      for (int y = 1; y < WIDTH; y++) {
        assertTurns(noise, table, x, y, (long) y * (y + 2 * WIDTH * x), 2L * sigma * sigma);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 100})
  void laplace_isKeptWithTheProbabilityOfItsLowerLevel(int scale) {
    IntegerNoise noise = new TwoLevelLaplace(scale);
    CumulativeTable table = new CumulativeTable(Weights.laplace(scale / (double) WIDTH));
    for (int x : new int[] {0, 1, 2, 7, 25, 90}) {
      for (int y = 1; y < WIDTH; y++) {
        assertTurns(noise, table, x, y, y, scale);
      }
    }
  }

  /** Kept below exp(-numerator / denominator), of either sign; drawn again above. */
  private static void assertTurns(
      IntegerNoise noise, CumulativeTable table, int x, int y, long numerator, long denominator) {
    String name = "x " + x + ", y " + y;
    long word = x == 0 ? 0 : (table.threshold(x - 1) + 1) << 1;
    long turn =
        ExactExp.negative(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator), 32)
            .longValueExact();
    long below = turn - 2 << 32 | y;
    long above = turn + 2 << 32 | y;
    long value = (long) WIDTH * x + y;
    assertThat(noise.sample(new ScriptedBits(word, below, -1))).as(name).isEqualTo(value);
    assertThat(noise.sample(new ScriptedBits(word | 1, below, -1))).as(name).isEqualTo(-value);
    ScriptedBits again = new ScriptedBits(word, above, 0, 0, 0);
    assertThat(noise.sample(again)).as(name).isZero();
    assertThat(again.used()).as(name).isEqualTo(5);
  }
}
