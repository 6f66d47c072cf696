package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The branches that chance does not reach. */
final class TwoLevelGaussianTest {
  private static final double SIGMA = 100;

  /** 2 sigma^2 = 20000, so cost 5000 is t = 1/4. */
  private static final long COST = 5000;

  private static BigInteger threshold(int bits) {
    return ExactExp.negative(BigInteger.ONE, BigInteger.valueOf(4), bits);
  }

  @Test
  void keepExactly_uOneUnitBelowTheThreshold_keeps() {
    long first = threshold(64).longValue() - 1;
    ScriptedBits bits = new ScriptedBits(-1);
    assertThat(new TwoLevelGaussian(SIGMA).keepExactly(first, COST, bits)).isTrue();
  }

  @Test
  void keepExactly_uOneUnitAboveTheThreshold_rejects() {
    long first = threshold(64).longValue() + 1;
    ScriptedBits bits = new ScriptedBits(0);
    assertThat(new TwoLevelGaussian(SIGMA).keepExactly(first, COST, bits)).isFalse();
  }

  @Test
  void keepExactly_64BitsEqual_theNext64Decide() {
    BigInteger fine = threshold(128);
    long first = fine.shiftRight(64).longValue();
    long second = fine.longValue();
    TwoLevelGaussian noise = new TwoLevelGaussian(SIGMA);
    assertThat(noise.keepExactly(first, COST, new ScriptedBits(second - 100))).isTrue();
    assertThat(noise.keepExactly(first, COST, new ScriptedBits(second + 100))).isFalse();
  }

  @Test
  void keepExactly_128BitsEqual_stillMoreBitsDecide() {
    BigInteger fine = threshold(192);
    long first = fine.shiftRight(128).longValue();
    long second = fine.shiftRight(64).longValue();
    long third = fine.longValue();
    TwoLevelGaussian noise = new TwoLevelGaussian(SIGMA);
    ScriptedBits below = new ScriptedBits(second, third - 100);
    assertThat(noise.keepExactly(first, COST, below)).isTrue();
    assertThat(below.used()).isEqualTo(2);
    assertThat(noise.keepExactly(first, COST, new ScriptedBits(second, third + 100))).isFalse();
  }

  /** The double decides where u is 2^-40 from exp(-t), and takes one word more to do so. */
  @ParameterizedTest
  @ValueSource(longs = {1, 700, 5000, 16_000})
  void keep_turnsAtTheExponential(long cost) {
    TwoLevelGaussian noise = new TwoLevelGaussian(SIGMA);
    BigInteger turn = ExactExp.negative(BigInteger.valueOf(cost), BigInteger.valueOf(20_000), 64);
    for (int side : new int[] {-1, 1}) {
      long u = turn.add(BigInteger.valueOf((long) side << 24)).longValue();
      ScriptedBits bits = new ScriptedBits(u << 32);
      assertThat(noise.keep(u >>> 32, cost, bits)).as("cost %s", cost).isEqualTo(side < 0);
      assertThat(bits.used()).isOne();
    }
  }

  @Test
  void keep_farBelowTheExponential_takesNoMoreBits() {
    ScriptedBits none = new ScriptedBits();
    assertThat(new TwoLevelGaussian(SIGMA).keep(1L << 31, COST, none)).isTrue();
  }

  /** Within 2^-48 the double does not decide: the integers do, with more bits. */
  @Test
  void keep_tooCloseForTheDouble_asksTheIntegers() {
    long u = threshold(64).longValue();
    ScriptedBits above = new ScriptedBits(u << 32, -1);
    assertThat(new TwoLevelGaussian(SIGMA).keep(u >>> 32, COST, above)).isFalse();
    assertThat(above.used()).isEqualTo(2);
    ScriptedBits below = new ScriptedBits(u << 32, 0);
    assertThat(new TwoLevelGaussian(SIGMA).keep(u >>> 32, COST, below)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.3, 1, 15.999, 31.9})
  void table_thresholdsAreTheCumulativeProbabilities(double s) {
    GaussianTable table = new GaussianTable(s);
    double total = 0;
    for (int x = table.size() - 1; x >= 0; x--) {
      total += Math.exp(-x * x / (2 * s * s));
    }
    double cumulative = 0;
    for (int x = 0; x < table.size() - 1; x++) {
      cumulative += Math.exp(-x * x / (2 * s * s));
      assertThat(table.threshold(x) * 0x1p-63)
          .as("threshold %s at %s", x, s)
          .isCloseTo(cumulative / total, org.assertj.core.api.Assertions.within(1e-14));
    }
  }

  @Test
  void table_tieOnTheFirst63Bits_isDecidedByMoreBits() {
    GaussianTable table = new GaussianTable(4);
    long tie = table.threshold(3);
    assertThat(table.at(tie, new ScriptedBits(0))).isEqualTo(3);
    assertThat(table.at(tie, new ScriptedBits(-1))).isEqualTo(4);
    assertThat(table.at(tie - 1, new ScriptedBits())).isEqualTo(3);
    assertThat(table.at(tie + 1, new ScriptedBits())).isEqualTo(4);
  }

  @Test
  void table_theLargestUniform_isTheLastEntryAtMost() {
    GaussianTable table = new GaussianTable(4);
    assertThat(table.at(Long.MAX_VALUE, new ScriptedBits(-1))).isLessThan(table.size());
    assertThat(table.at(0, new ScriptedBits())).isZero();
  }

  @Test
  void minusZero_isDrawnAgain() {
    TwoLevelGaussian noise = new TwoLevelGaussian(4);
    ScriptedBits bits = new ScriptedBits(1, 0);
    assertThat(noise.sample(bits)).isZero();
    assertThat(bits.used()).isEqualTo(2);
  }
}
