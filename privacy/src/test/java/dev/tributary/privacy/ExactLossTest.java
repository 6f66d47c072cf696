package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tributary.privacy.loss.AtomicPair;
import dev.tributary.privacy.loss.StandardNormal;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exact trade-offs, and conversions between Renyi divergences and them, by their definitions. */
final class ExactLossTest {
  private static final double[] EPSILONS = {0, 0.1, 0.7, 2, 5};

  /** Sum over k of max(0, P(k) - e^epsilon P(k - shift)). */
  private static double delta(IntToDoubleFunction mass, int reach, int shift, double epsilon) {
    double sum = 0;
    for (int k = -reach; k <= reach; k++) {
      sum += Math.max(0, mass.applyAsDouble(k) - Math.exp(epsilon) * mass.applyAsDouble(k - shift));
    }
    return sum;
  }

  private static double renyi(IntToDoubleFunction mass, int reach, int shift, double order) {
    double sum = 0;
    for (int k = -reach; k <= reach; k++) {
      double p = mass.applyAsDouble(k);
      double q = mass.applyAsDouble(k - shift);
      if (p > 1e-25 && q > 0) {
        sum += Math.pow(p, order) * Math.pow(q, 1 - order);
      }
    }
    return Math.log(sum) / (order - 1);
  }

  @ParameterizedTest
  @CsvSource({"0.4, 1", "0.5, 1", "1, 1", "1, 2", "3.3, 5", "3.3, 12", "20, 7"})
  void discreteGaussian_isItsSum(double sigma, int shift) {
    double total = 0;
    for (int k = -400; k <= 400; k++) {
      total += Math.exp(-0.5 * k * k / sigma / sigma);
    }
    double sum = total;
    IntToDoubleFunction mass = k -> Math.exp(-0.5 * k * k / sigma / sigma) / sum;
    AtomicPair pair = ExactDiscreteGaussian.pair(sigma, shift);
    for (double epsilon : EPSILONS) {
      double expected = delta(mass, 400, shift, epsilon);
      assertThat(ExactDiscreteGaussian.delta(sigma, shift, epsilon))
          .as("epsilon %s", epsilon)
          .isCloseTo(expected, within(1e-9 * expected));
      assertThat(pair.delta(epsilon)).isCloseTo(expected, within(1e-9 * expected + 1e-16));
    }
    for (double order : new double[] {1.5, 2, 6}) {
      assertThat(pair.renyi(order))
          .isCloseTo(
              order * shift * shift / 2 / sigma / sigma, withinPercentage(order == 1.5 ? 8 : 1e-6));
    }
    assertThat(pair.renyi(1.5)).isCloseTo(renyi(mass, 400, shift, 1.5), withinPercentage(1e-6));
    assertThat(pair.lowest(0))
        .isLessThan(0)
        .isGreaterThan(-40 * shift / sigma - shift * shift / sigma / sigma * 2);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 1", "1, 1", "4, 2", "25, 3", "100, 10"})
  void skellam_isItsSum(double variance, int shift) {
    int reach = 250;
    double[] masses = new double[reach + 1];
    for (int k = 0; k <= reach; k++) {
      double term = Math.exp(-variance);
      for (int i = 1; i <= k; i++) {
        term *= variance / 2 / i;
      }
      for (int j = 0; j < 400; j++) {
        masses[k] += term;
        term *= variance / 2 / (j + 1) * (variance / 2 / (j + 1 + k));
      }
    }
    IntToDoubleFunction mass = k -> Math.abs(k) > reach ? 0 : masses[Math.abs(k)];
    AtomicPair pair = ExactSkellam.pair(variance, shift);
    for (double epsilon : EPSILONS) {
      double expected = delta(mass, reach - shift, shift, epsilon);
      assertThat(pair.delta(epsilon)).isCloseTo(expected, within(1e-8 * expected + 1e-15));
    }
    assertThat(pair.renyi(2)).isCloseTo(renyi(mass, reach, shift, 2), withinPercentage(1e-6));
    for (double bad : new double[] {0, Double.NaN, 1.1e10}) {
      assertThatIllegalArgumentException().isThrownBy(() -> ExactSkellam.pair(bad, 1));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> ExactSkellam.pair(variance, 0));
  }

  /** Balle, Wang 2018, Theorem 8, where its two terms do not cancel. */
  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.1, 0.3, 0.5, 0.9, 1, 2, 5})
  void gaussian_isTheDifferenceOfBothTails(double z) {
    for (double x = -3; x < 3; x += 0.1) {
      double epsilon = (x + 0.5 / z) / z;
      if (epsilon >= 0 && epsilon < 600) {
        double first = StandardNormal.cdf(-x);
        double second = Math.exp(epsilon) * StandardNormal.cdf(-x - 1 / z);
        assertThat(AnalyticGaussian.delta(z, epsilon))
            .as("z %s, x %s", z, x)
            .isCloseTo(first - second, within(1e-11 * (first + 1e-3)));
      }
    }
  }

  /** e^epsilon Phi(-y) = phi(x) (1/y - 1/y^3 + 3/y^5) for y = x + 1/z far out. */
  @Test
  void gaussian_ofLittleNoise_isTheDifferenceOfBothTails() {
    for (double x = -9; x < -1; x += 0.7) {
      double y = x + 1000;
      double density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
      double expected = StandardNormal.cdf(-x) - density * (1 / y - 1 / (y * y * y));
      assertThat(AnalyticGaussian.delta(0.001, (x + 500) / 0.001))
          .as("x %s", x)
          .isCloseTo(expected, within(1e-10 * density + 1e-14));
    }
  }

  @Test
  void skellam_farBeyondTheNoise_isTellable() {
    assertThat(ExactSkellam.pair(1, 100).delta(1)).isCloseTo(1, within(1e-12));
  }

  /** The least double at which delta is kept: the one before does not keep it. */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.7, 3, 40})
  void gaussian_inverses_areTheLeast(double z) {
    for (double delta : new double[] {1e-12, 1e-5, 0.01}) {
      double epsilon = AnalyticGaussian.epsilon(z, delta);
      if (epsilon > 0) {
        assertThat(AnalyticGaussian.logDelta(z, epsilon)).isLessThanOrEqualTo(Math.log(delta));
        assertThat(AnalyticGaussian.logDelta(z, Math.nextDown(epsilon)))
            .isGreaterThan(Math.log(delta));
      } else {
        assertThat(AnalyticGaussian.delta(z, 0)).isLessThanOrEqualTo(delta);
      }
      double noise = AnalyticGaussian.noiseMultiplier(z, delta);
      assertThat(AnalyticGaussian.logDelta(noise, z)).isLessThanOrEqualTo(Math.log(delta));
      assertThat(AnalyticGaussian.logDelta(Math.nextDown(noise), z)).isGreaterThan(Math.log(delta));
    }
  }

  /** 64 nodes integrate polynomials of degree 127. */
  @Test
  void quadrature_isExactForPolynomials() {
    for (int k = 0; k <= 127; k++) {
      int power = k;
      assertThat(GaussLegendre.integrate(x -> Math.pow(x, power), 0, 1))
          .as("x^%s", k)
          .isCloseTo(1.0 / (k + 1), withinPercentage(1e-10));
      assertThat(GaussLegendre.integrate(x -> Math.pow(x - 2, power), 2, 3))
          .isCloseTo(1.0 / (k + 1), withinPercentage(1e-10));
    }
  }

  /** Proposition 12 over every order, and the total variation bound. */
  @Test
  void conversions_areTheLeastOverTheOrders() {
    RdpAccountant rdp = new RdpAccountant();
    for (double z : new double[] {0.3, 1, 7, 300, 1e5}) {
      List<Charge> charges = List.of(new Charge(new PrivacyEvent.Gaussian(z), 3));
      for (double delta : new double[] {1e-9, 1e-5, 0.01, 0.4}) {
        double least = Double.POSITIVE_INFINITY;
        double order = 0;
        for (int i = 11; i <= 10_240; i++) {
          double a = i / 10.0;
          boolean used =
              i < 110 || i % 10 == 0 && (i <= 630 || Integer.bitCount(i / 10) == 1 && i >= 1280);
          if (used) {
            double r = 3 * a / 2 / z / z;
            double epsilon =
                delta > Math.sqrt(-Math.expm1(-r))
                    ? 0
                    : Math.max(0, r + Math.log(1 - 1 / a) - Math.log(delta * a) / (a - 1));
            if (epsilon < least) {
              least = epsilon;
              order = a;
            }
          }
        }
        Guarantee guarantee = rdp.epsilon(charges, delta, Unit.USER, Relation.ADD_REMOVE);
        assertThat(guarantee.epsilon()).isCloseTo(least, within(1e-12 * (1 + least)));
        if (least > 0) {
          assertThat(guarantee.order()).isEqualTo(order);
        }
        assertThat(guarantee.accountant()).isEqualTo(rdp.id()).isEqualTo("rdp");
      }
      for (double epsilon : EPSILONS) {
        double least = 1;
        for (int i = 11; i <= 10_240; i++) {
          double a = i / 10.0;
          if (i < 110 || i % 10 == 0 && (i <= 630 || Integer.bitCount(i / 10) == 1 && i >= 1280)) {
            double r = 3 * a / 2 / z / z;
            least =
                Math.min(
                    least,
                    Math.min(
                        Math.exp((a - 1) * (r - epsilon) + (a - 1) * Math.log(1 - 1 / a)) / a,
                        Math.sqrt(-Math.expm1(-r))));
          }
        }
        assertThat(rdp.delta(charges, epsilon, Unit.USER, Relation.ADD_REMOVE).delta())
            .isCloseTo(least, within(1e-10 * least));
      }
    }
  }

  @Test
  void orders_areAnyFrom101OnInAnyOrder() {
    List<Charge> charges = List.of(new Charge(new PrivacyEvent.Gaussian(1), 1));
    RdpAccountant two = new RdpAccountant(8, 1.01, 3);
    assertThat(two.epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon())
        .isCloseTo(4 + Math.log(7 / 8.0) - Math.log(8e-5) / 7, within(1e-12));
    // With little noise the lower order is the better one, also where it is named last.
    List<Charge> narrow = List.of(new Charge(new PrivacyEvent.Gaussian(0.1), 1));
    assertThat(
            new RdpAccountant(30, 2).epsilon(narrow, 1e-5, Unit.USER, Relation.ADD_REMOVE).order())
        .isEqualTo(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RdpAccountant(Double.POSITIVE_INFINITY));
    assertThatIllegalArgumentException().isThrownBy(() -> new RdpAccountant(1.0099));
  }

  @Test
  @Tag("slow")
  void tightest_whereNoLossDistributionCanBeMade_isRdp() {
    List<Charge> charges =
        List.of(
            new Charge(
                new PrivacyEvent.PoissonSampled(0.1, new PrivacyEvent.Gaussian(0.05)), 1000));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () -> new PldAccountant().epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThat(new TightestAccountant().epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(new RdpAccountant().epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> new PldAccountant().delta(charges, 1, Unit.USER, Relation.ADD_REMOVE));
    assertThat(new TightestAccountant().delta(charges, 1, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(new RdpAccountant().delta(charges, 1, Unit.USER, Relation.ADD_REMOVE));
  }

  @Test
  void tightest_takesTheSmaller_andSaysWhich() {
    TightestAccountant tightest = new TightestAccountant();
    assertThat(tightest.id()).isEqualTo("tightest");
    List<Charge> gaussian = List.of(new Charge(new PrivacyEvent.Gaussian(2), 3));
    List<Charge> discrete = List.of(new Charge(new PrivacyEvent.DiscreteGaussian(1, 2), 3));
    RdpAccountant rdp = new RdpAccountant();
    PldAccountant pld = new PldAccountant();
    assertThat(tightest.epsilon(gaussian, 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(pld.epsilon(gaussian, 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThat(tightest.delta(gaussian, 1, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(pld.delta(gaussian, 1, Unit.USER, Relation.ADD_REMOVE));
    assertThat(tightest.epsilon(discrete, 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(rdp.epsilon(discrete, 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThat(tightest.delta(discrete, 1, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(rdp.delta(discrete, 1, Unit.USER, Relation.ADD_REMOVE));
  }
}
