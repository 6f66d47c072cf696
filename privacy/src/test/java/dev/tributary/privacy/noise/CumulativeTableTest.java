package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CumulativeTableTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.3, 1, 15.999, 31.9})
  void thresholdsAreTheCumulativeProbabilities(double s) {
    CumulativeTable table = new CumulativeTable(Weights.gaussian(s));
    double total = 0;
    for (int x = table.size() - 1; x >= 0; x--) {
      total += Math.exp(-x * x / (2 * s * s));
    }
    double cumulative = 0;
    for (int x = 0; x < table.size() - 1; x++) {
      cumulative += Math.exp(-x * x / (2 * s * s));
      assertThat(table.threshold(x) * 0x1p-63)
          .as("threshold %s at %s", x, s)
          .isCloseTo(cumulative / total, within(1e-14));
    }
  }

  @Test
  void tieOnTheFirst63Bits_isDecidedByMoreBits() {
    CumulativeTable table = new CumulativeTable(Weights.gaussian(4));
    long tie = table.threshold(3);
    assertThat(table.at(tie, new ScriptedBits(0))).isEqualTo(3);
    assertThat(table.at(tie, new ScriptedBits(-1))).isEqualTo(4);
    assertThat(table.at(tie - 1, new ScriptedBits())).isEqualTo(3);
    assertThat(table.at(tie + 1, new ScriptedBits())).isEqualTo(4);
  }

  /** Eight places of the guide for each x: it is right in all of them, and no finer. */
  @Test
  void guide_beginsAtTheXOfTheLeadingBits() {
    int size = 1 << 14;
    BigInteger[] weights = new BigInteger[size];
    Arrays.fill(weights, BigInteger.ONE);
    CumulativeTable table = new CumulativeTable(weights);
    for (int x = 0; x < size; x++) {
      long least = (long) x << 49;
      assertThat(table.at(least, new ScriptedBits(0))).as("least of %s", x).isEqualTo(x);
      assertThat(table.at(least + (1L << 49) - 1, new ScriptedBits(0))).isEqualTo(x);
      assertThat(table.start(least + (1L << 46) - 1)).isEqualTo(Math.max(0, x - 1));
      for (long place = 1; place < 8; place++) {
        assertThat(table.start(least + (place << 46))).as("place %s", place).isEqualTo(x);
      }
    }
  }

  /** A threshold of 2^126 + 5, whose first 63 bits are those of a place of the guide. */
  @Test
  void tieAtAPlaceOfTheGuide_isDecidedByAll127Bits() {
    BigInteger half = BigInteger.ONE.shiftLeft(126);
    BigInteger five = BigInteger.valueOf(5);
    CumulativeTable table =
        new CumulativeTable(new BigInteger[] {half.add(five), half.subtract(five)});
    assertThat(table.threshold(0)).isEqualTo(1L << 62);
    assertThat(table.at(1L << 62, new ScriptedBits(4))).isZero();
    assertThat(table.at(1L << 62, new ScriptedBits(5))).isOne();
    assertThat(table.at((1L << 62) - 1, new ScriptedBits())).isZero();
    assertThat(table.at((1L << 62) + 1, new ScriptedBits())).isOne();
  }

  /**
   * The ratios of all three families fall with x (Laplace: stay), so that the last one bounds what
   * lies beyond the table by a geometric series. Weights of 0 are below 2^-192.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0x1p-10, 0.01, 0.1, 0.25, 1, 3, 16, 31.9})
  void tables_leaveOutLessThanTwoToTheMinus118(double size) {
    assertLeftOut(Weights.gaussian(size), "gaussian", size);
    assertLeftOut(Weights.laplace(size), "laplace", size);
    assertLeftOut(Weights.skellam(size), "skellam", size);
    assertLeftOut(Weights.skellam(size * 1000), "skellam", size * 1000);
  }

  private static void assertLeftOut(BigInteger[] weights, String family, double parameter) {
    BigInteger last = weights[weights.length - 1];
    BigInteger steps = weights[weights.length - 2].subtract(last);
    BigInteger total = Arrays.stream(weights).reduce(BigInteger.ZERO, BigInteger::add);
    total = total.shiftLeft(1).subtract(weights[0]);
    assertThat(last.pow(2).shiftLeft(1 + 118))
        .as("2^118 times what the table of %s %s leaves out", family, parameter)
        .isLessThanOrEqualTo(total.multiply(steps));
  }

  @Test
  void theLargestUniform_isTheLastEntryAtMost() {
    CumulativeTable table = new CumulativeTable(Weights.gaussian(4));
    assertThat(table.at(Long.MAX_VALUE, new ScriptedBits(-1))).isLessThan(table.size());
    assertThat(table.at(0, new ScriptedBits())).isZero();
  }

  /** Digits by mpmath 1.3.0: P[0] = e^-V I_0(V) of the Skellam distribution, 2 P[0..x] - P[0]. */
  @ParameterizedTest
  @CsvSource({
    "0.25, 0, 0.791017162139719364",
    "0.25, 3, 0.999983700105990636",
    "1, 0, 0.465759607593640437",
    "4, 2, 0.799756603174395421",
    "100, 10, 0.706865462527829517",
    "10000, 1, 0.0119680190665720566",
    "10000, 150, 0.867678720281745348",
    "100000000.0, 10, 0.000837778636297478467"
  })
  void skellam_sharesTheMassAsTheBesselFunctionsDo(double variance, int x, double sides) {
    BigInteger[] weights = Weights.skellam(variance);
    BigInteger below = weights[0];
    BigInteger total = weights[0];
    for (int k = 1; k < weights.length; k++) {
      BigInteger twice = weights[k].shiftLeft(1);
      total = total.add(twice);
      below = k <= x ? below.add(twice) : below;
    }
    double share =
        new BigDecimal(below).divide(new BigDecimal(total), MathContext.DECIMAL64).doubleValue();
    assertThat(share).isCloseTo(sides, withinPercentage(1e-12));
  }
}
