package dev.tributary.privacy.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
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
