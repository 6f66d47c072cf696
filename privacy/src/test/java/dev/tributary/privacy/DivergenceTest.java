package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tributary.privacy.ReferenceRows.Row;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Renyi divergences of Skellam and Laplace noise. */
final class DivergenceTest {
  private static double at(PrivacyEvent event, double order) {
    return RenyiCurve.of(event, Relation.ZERO_OUT).at(order);
  }

  static List<Row> skellamPoints() {
    return ReferenceRows.family("SK").stream()
        .filter(row -> row.cell("quantity").equals("rdp_exact"))
        .toList();
  }

  /** The paper's bound is the row's upper end, and above the exact divergence. */
  @ParameterizedTest
  @MethodSource("skellamPoints")
  void skellam_isTheBoundOfThePaper(Row row) {
    PrivacyEvent event =
        new PrivacyEvent.DistributedSkellam(
            row.parameter("sensitivity"), row.parameter("variance") / 4, 4, 1);
    double bound = at(event, row.number("rdp_order"));
    assertThat(bound)
        .isCloseTo(row.number("upper"), withinPercentage(1e-9))
        .isGreaterThan(row.number("value"));
  }

  static Stream<Row> skellamWithoutSampling() {
    return ReferenceRows.family("DS").stream().filter(row -> row.number("q") == 1);
  }

  @ParameterizedTest
  @MethodSource("skellamWithoutSampling")
  void skellam_epsilon_isThatOfTheReference(Row row) {
    double scale = row.parameter("scale");
    long dimension = (long) row.parameter("dim");
    double central = row.parameter("central_stddev") * scale;
    PrivacyEvent event =
        new PrivacyEvent.DistributedSkellam(
            RoundedNorm.l2Bound(row.parameter("l2_sens") * scale, row.parameter("beta"), dimension),
            central * central / 100,
            100,
            dimension);
    double[] orders =
        IntStream.concat(IntStream.rangeClosed(2, 128), IntStream.of(256))
            .asDoubleStream()
            .toArray();
    Guarantee guarantee =
        new RdpAccountant(orders)
            .epsilon(
                List.of(new Charge(event, (int) row.number("steps"))),
                row.number("delta"),
                Unit.USER,
                Relation.ZERO_OUT);
    assertThat(guarantee.epsilon()).isCloseTo(row.number("value"), withinPercentage(1e-4));
    assertThat(guarantee.order()).isEqualTo(row.number("rdp_order"));
  }

  @Test
  void everyFamily_hasTheRowsItShouldHave() {
    assertThat(skellamPoints()).hasSize(5);
    assertThat(skellamWithoutSampling()).hasSize(2);
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
