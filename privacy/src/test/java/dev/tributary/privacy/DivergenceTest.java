package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Renyi divergences of Skellam and Laplace noise. */
final class DivergenceTest {
  private static double at(PrivacyEvent event, double order) {
    return RenyiCurve.of(event, Relation.ZERO_OUT).at(order);
  }

  /**
   * At SK00 to SK04 of dp-reference.csv: variance, shift, order, the exact divergence, the bound.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, 0.87488185158147566, 2.5",
    "4, 1, 8, 0.73692045732218494, 1.328125",
    "25, 3, 4, 0.69394069454309153, 0.7524",
    "100, 10, 16, 6.1190502559119051, 8.079",
    "400, 1, 32, 0.03993868165024501, 0.0401078125"
  })
  void skellam_isTheBoundOfThePaper(
      double variance, int shift, double order, double exact, double expected) {
    PrivacyEvent event = new PrivacyEvent.DistributedSkellam(shift, variance / 4, 4, 1);
    assertThat(at(event, order)).isCloseTo(expected, withinPercentage(1e-9)).isGreaterThan(exact);
  }

  /** Between integer orders: at least the exact divergence, by summation, and no jump. */
  @ParameterizedTest
  @CsvSource({"1, 1", "4, 1", "25, 3", "100, 10"})
  void skellam_betweenIntegers_isAnUpperBoundWithoutJumps(double variance, int shift) {
    PrivacyEvent event = new PrivacyEvent.DistributedSkellam(shift, variance, 1, 1);
    for (double order = 1.1; order < 12; order += 0.37) {
      assertThat(at(event, order))
          .as("order %s", order)
          .isGreaterThanOrEqualTo(exactSkellam(variance, shift, order));
    }
    assertThat(at(event, 3 - 1e-9)).isCloseTo(at(event, 3), within(1e-6));
    assertThat(at(event, 3 + 1e-9)).isCloseTo(at(event, 3), within(1e-6));
  }

  /** P(k) = sum over j of Poisson(j + k) Poisson(j), means V / 2; what is far out is left away. */
  private static double exactSkellam(double variance, int shift, double order) {
    int reach = (int) (12 * Math.sqrt(variance)) + 40;
    double[] p = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      double term = Math.exp(-variance);
      for (int i = 1; i <= Math.abs(k); i++) {
        term *= variance / 2 / i;
      }
      for (int j = 0; j < 400; j++) {
        p[k + reach] += term;
        term *= variance / 2 / (j + 1) * (variance / 2 / (j + 1 + Math.abs(k)));
      }
    }
    double sum = 0;
    for (int k = shift; k < p.length; k++) {
      if (p[k] > 1e-25) {
        sum += Math.pow(p[k - shift], order) * Math.pow(p[k], 1 - order);
      }
    }
    return Math.log(sum) / (order - 1);
  }

  @ParameterizedTest
  @CsvSource({"1, 0.7", "1, 4", "3, 4", "10, 25", "7, 1.5"})
  void laplace_isTheSummedDivergence(int shift, double scale) {
    for (double order : new double[] {1.1, 2, 3.7, 8}) {
      double total = 0;
      double mass = 0;
      int reach = (int) (700 * scale);
      for (int k = -reach; k <= reach; k++) {
        double logP = -Math.abs(k - shift) / scale;
        double logQ = -Math.abs(k) / scale;
        mass += Math.exp(logQ);
        total += Math.exp(order * logP + (1 - order) * logQ);
      }
      double expected = Math.log(total / mass) / (order - 1);
      assertThat(at(new PrivacyEvent.LocalDiscreteLaplace(shift, scale), order))
          .as("shift %s, scale %s, order %s", shift, scale, order)
          .isCloseTo(expected, withinPercentage(1e-8));
    }
  }

  /** Two coordinates that share a shift never cost more than one that has it all. */
  @Test
  void laplace_isSuperadditive() {
    for (double order : new double[] {1.5, 4, 20}) {
      double whole = at(new PrivacyEvent.LocalDiscreteLaplace(6, 3), order);
      double parts =
          at(new PrivacyEvent.LocalDiscreteLaplace(2, 3), order)
              + at(new PrivacyEvent.LocalDiscreteLaplace(4, 3), order);
      assertThat(whole).isGreaterThan(parts);
    }
  }

  /** A release is (D1 / b)-differentially private, so no order costs more. */
  @Test
  void laplace_neverPassesItsPureBound() {
    PrivacyEvent event = new PrivacyEvent.LocalDiscreteLaplace(5, 2);
    for (double order = 1.1; order < 2000; order *= 1.7) {
      assertThat(at(event, order)).isBetween(0.0, 2.5);
    }
  }
}
