package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tributary.privacy.loss.MixedPair;
import dev.tributary.privacy.loss.ReplacedGaussianPair;
import dev.tributary.privacy.loss.SampledGaussianPair;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every curve against plain sums and integrals of its definition, or the formula of its paper. */
final class RenyiCurveTest {
  private static final double[] ORDERS = {1.1, 1.5, 2, 2.5, 3, 4, 7.3, 20.5, 64.5};

  private static double at(PrivacyEvent event, Relation relation, double order) {
    return RenyiCurve.of(event, relation).at(order);
  }

  /** ln of the integral of e^f by the trapezoidal rule. */
  private static double logIntegral(DoubleUnaryOperator f, double from, double to, double step) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double x = from; x <= to; x += step) {
      largest = Math.max(largest, f.applyAsDouble(x));
    }
    double sum = 0;
    for (double x = from; x <= to; x += step) {
      sum += Math.exp(f.applyAsDouble(x) - largest);
    }
    return largest + Math.log(sum * step);
  }

  /** ln((1 - q) phi(x) + q phi(x - 1)), phi the density of N(0, s^2). */
  private static double logMixture(double q, double s, double x) {
    double none = Math.log(1 - q) - 0.5 * x * x / s / s;
    double one = Math.log(q) - 0.5 * (x - 1) * (x - 1) / s / s;
    double most = Math.max(none, one);
    return most
        + Math.log(Math.exp(none - most) + Math.exp(one - most))
        - Math.log(s * Math.sqrt(2 * Math.PI));
  }

  @ParameterizedTest
  @CsvSource({"1e-6, 0.8", "0.001, 1", "0.1, 0.4", "0.1, 1", "0.3, 4", "0.9, 0.4", "0.9, 2"})
  void sampledGaussian_isItsIntegral(double q, double s) {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(q, new PrivacyEvent.Gaussian(s));
    for (double a : ORDERS) {
      double from = -2 * a - 15 * s;
      double to = 2 * a + 15 * s;
      double step = Math.min(s, s * s) / 16;
      double removed =
          logIntegral(x -> a * logMixture(q, s, x) + (1 - a) * logMixture(0, s, x), from, to, step);
      double replaced =
          logIntegral(
              x -> a * logMixture(q, s, x) + (1 - a) * logMixture(q, s, -x), from, to, step);
      assertThat(at(event, Relation.ADD_REMOVE, a))
          .as("order %s", a)
          .isCloseTo(removed / (a - 1), within(1e-9 * removed / (a - 1) + 1e-12 / (a - 1)));
      assertThat(at(event, Relation.REPLACE_ONE, a))
          .as("order %s", a)
          .isCloseTo(replaced / (a - 1), within(1e-9 * replaced / (a - 1) + 1e-12 / (a - 1)));
    }
  }

  /** A(2) - 1 = q^2 (e^(1/s^2) - 1), where nothing may cancel. */
  @ParameterizedTest
  @CsvSource({"1e-7, 0.3", "1e-7, 30", "1e-6, 30", "1e-3, 0.2", "0.5, 200"})
  void sampledGaussian_ofOrderTwo_isItsClosedForm(double q, double s) {
    double expected = Math.log1p(q * q * Math.expm1(1 / s / s));
    RenyiCurve curve = SampledGaussian.curve(q, s);
    assertThat(curve.at(2)).isCloseTo(expected, withinPercentage(1e-10));
    assertThat(curve.at(2 + 1e-7)).isCloseTo(expected, withinPercentage(1e-3));
    assertThat(curve.at(2 - 1e-7)).isCloseTo(expected, withinPercentage(1e-2));
  }

  /** Where e^loss is no double: next to r = 2 a / s^2 + 2 a ln(q) / (a - 1), and never NaN. */
  @Test
  void replacedSample_atHighOrdersAndLittleNoise_isANumber() {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(0.1, new PrivacyEvent.Gaussian(0.5));
    for (double a : new double[] {128, 300.5, 1024}) {
      double gap = a / 2 / 0.25 + a / (a - 1) * Math.log(0.1);
      assertThat(at(event, Relation.REPLACE_ONE, a)).isBetween(gap, 2 * a / 0.25);
    }
    // The excess of e^(a l) over 1 + a (e^l - 1), an order near 1, l from 40 on.
    assertThat(SampledGaussian.curve(0.5, 0.05).at(1.01))
        .isCloseTo(
            logIntegral(
                    x -> 1.01 * logMixture(0.5, 0.05, x) - 0.01 * logMixture(0, 0.05, x),
                    -1,
                    2.5,
                    0.0001)
                / 0.01,
            withinPercentage(1e-6));
  }

  /** Where u is small, and a u is not: no term that counts is left out. */
  @Test
  void smallSample_atAHighOrder_isItsIntegral() {
    double q = 0.01;
    double s = 30;
    double a = 1024;
    double logMoment =
        logIntegral(x -> a * logMixture(q, s, x) + (1 - a) * logMixture(q, s, -x), -450, 450, 0.5);
    assertThat(SampledGaussian.replaced(q, s).at(a))
        .isCloseTo(logMoment / (a - 1), withinPercentage(1e-6));
  }

  /** The peak lies between a and 2 a, the farther the nearer q is to 1. */
  @Test
  void sampleOfNearlyEverybody_replaced_isItsIntegral() {
    double q = 1 - 1e-9;
    double a = 200;
    double logMoment =
        logIntegral(x -> a * logMixture(q, 4, x) + (1 - a) * logMixture(q, 4, -x), -80, 500, 0.1);
    assertThat(SampledGaussian.replaced(q, 4).at(a))
        .isCloseTo(logMoment / (a - 1), withinPercentage(1e-7));
  }

  @Test
  void wholeSamples_areTheNoiseAlone() {
    for (double a : ORDERS) {
      assertThat(SampledGaussian.curve(1, 3).at(a)).isCloseTo(a / 18, within(1e-14 * a));
      assertThat(SampledGaussian.replaced(1, 3).at(a)).isCloseTo(2 * a / 9, within(1e-14 * a));
      assertThat(FixedSizeGaussian.curve(1, 3).at(a)).isCloseTo(a / 18, within(1e-14 * a));
    }
    PrivacyEvent everybody =
        new PrivacyEvent.PoissonSampled(1, new PrivacyEvent.DiscreteGaussian(2, 6));
    assertThat(at(everybody, Relation.ADD_REMOVE, 3)).isCloseTo(3 / 18.0, within(1e-14));
  }

  /** Convex interpolation of (a - 1) r(a) between integers, 0 at 1. */
  @Test
  void sampledDiscreteNoise_isTheChordBetweenIntegers() {
    PrivacyEvent event =
        new PrivacyEvent.PoissonSampled(0.05, new PrivacyEvent.DiscreteGaussian(10, 20));
    RenyiCurve whole = SampledGaussian.curve(0.05, 2);
    for (int below = 1; below < 6; below++) {
      for (double part : new double[] {0, 0.25, 0.9}) {
        double a = below + part;
        if (a > 1) {
          double low = below == 1 ? 0 : (below - 1) * whole.at(below);
          double expected = ((1 - part) * low + part * below * whole.at(below + 1)) / (a - 1);
          assertThat(at(event, Relation.ADD_REMOVE, a))
              .as("order %s", a)
              .isCloseTo(expected, within(1e-13 * expected));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Relation.class)
  void noiseWithoutASample_isItsFormula(Relation relation) {
    double distance = relation == Relation.REPLACE_ONE ? 2 : 1;
    for (double a : ORDERS) {
      assertThat(at(new PrivacyEvent.Gaussian(3), relation, a))
          .isCloseTo(a * distance * distance / 18, within(1e-13 * a));
      assertThat(at(new PrivacyEvent.DiscreteGaussian(2, 6), relation, a))
          .isCloseTo(a * distance * distance / 18, within(1e-13 * a));
      double b = 1.7 / distance;
      DoubleUnaryOperator integrand =
          x -> -a * Math.abs(x) / b + (a - 1) * Math.abs(x - 1) / b - Math.log(2 * b);
      double moment = 0;
      for (double[] part : new double[][] {{-60, 0}, {0, 1}, {1, 61}}) {
        // Each part is the exponential of a line.
        double from = integrand.applyAsDouble(part[0]);
        double to = integrand.applyAsDouble(part[1]);
        moment += (Math.exp(to) - Math.exp(from)) / (to - from) * (part[1] - part[0]);
      }
      assertThat(at(new PrivacyEvent.Laplace(1.7), relation, a))
          .isCloseTo(Math.log(moment) / (a - 1), withinPercentage(1e-8));
      assertThat(at(new PrivacyEvent.NonPrivate(), relation, a)).isInfinite();
    }
  }

  @Test
  void noiseOfClients_isItsFormula_atOneDistanceAndAtTwo() {
    PrivacyEvent.DistributedSkellam skellam = new PrivacyEvent.DistributedSkellam(5, 40, 3, 64);
    PrivacyEvent.DistributedDiscreteGaussian gaussian =
        new PrivacyEvent.DistributedDiscreteGaussian(5, 0.7, 30, 64);
    double tau = 0;
    for (int k = 1; k < 30; k++) {
      tau += 10 * Math.exp(-2 * Math.PI * Math.PI * 0.49 * k / (k + 1));
    }
    assertThat(SumOfDiscreteGaussians.tau(30, 0.7)).isCloseTo(tau, withinPercentage(1e-10));
    for (Relation relation : new Relation[] {Relation.ZERO_OUT, Relation.REPLACE_ONE}) {
      int distance = relation == Relation.REPLACE_ONE ? 2 : 1;
      for (double a : new double[] {1.1, 2, 7.3, 64.5, 500.5, 900}) {
        double below = Math.floor(a);
        double low = (below - 1) * skellam(below, 5 * distance);
        double expected = (low + (a - below) * (below * skellam(below + 1, 5 * distance) - low));
        assertThat(at(skellam, relation, a)).isCloseTo(expected / (a - 1), withinPercentage(1e-10));
        double l2 = distance * 5 / (0.7 * Math.sqrt(30));
        double l1 = distance * RoundedNorm.l1Bound(5, 64) / (0.7 * Math.sqrt(30));
        double least =
            Math.min(
                a / 2 * l2 * l2 + tau * 64,
                a
                    / 2
                    * Math.min(l2 * l2 + 2 * l1 * tau + tau * tau * 64, Math.pow(l2 + 8 * tau, 2)));
        assertThat(at(gaussian, relation, a)).isCloseTo(least, withinPercentage(1e-10));
      }
    }
    PrivacyEvent once = new PrivacyEvent.LocalDiscreteLaplace(3, 5);
    PrivacyEvent twice = new PrivacyEvent.LocalDiscreteLaplace(6, 5);
    assertThat(at(once, Relation.REPLACE_ONE, 3.5)).isEqualTo(at(twice, Relation.ZERO_OUT, 3.5));
    for (PrivacyEvent event : new PrivacyEvent[] {skellam, gaussian, once}) {
      assertThatExceptionOfType(RelationException.class)
          .isThrownBy(() -> RenyiCurve.of(event, Relation.ADD_REMOVE));
    }
  }

  /** Where later terms are no double, those before still count. */
  @Test
  void tau_ofWideShares_isNotNothing() {
    assertThat(SumOfDiscreteGaussians.tau(20, Math.sqrt(40.5)))
        .isCloseTo(10 * Math.exp(-Math.PI * Math.PI * 40.5), withinPercentage(1e-6));
  }

  @Test
  void wholeRun_isItsEvent() {
    PrivacyEvent noise = new PrivacyEvent.Gaussian(3);
    assertThat(at(new PrivacyEvent.WholeRun(10, 2, 3, noise), Relation.REPLACE_ONE, 5))
        .isEqualTo(at(noise, Relation.REPLACE_ONE, 5));
  }

  /** Theorem 3.5, of three shares of variance 40. */
  private static double skellam(double a, double l2) {
    double l1 = RoundedNorm.l1Bound(l2, 64);
    return a * l2 * l2 / 240
        + Math.min(((2 * a - 1) * l2 * l2 + 6 * l1) / (4 * 120 * 120), 3 * l1 / 240);
  }

  @Test
  void samplesWithoutABound_areRefused() {
    PrivacyEvent fixed =
        new PrivacyEvent.FixedSizeSampled(100, 10, 0, new PrivacyEvent.Gaussian(3));
    PrivacyEvent discrete =
        new PrivacyEvent.PoissonSampled(0.1, new PrivacyEvent.DiscreteGaussian(10, 20));
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> RenyiCurve.of(fixed, Relation.ADD_REMOVE));
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> RenyiCurve.of(discrete, Relation.REPLACE_ONE));
  }

  /** Theorem 27 of arXiv 1808.00087, its differences as alternating sums. */
  @ParameterizedTest
  @ValueSource(doubles = {1.2, 1.6, 2.4, 4})
  void fixedSize_isTheSumOfItsTheorem(double z) {
    double s = z / 2;
    PrivacyEvent event = new PrivacyEvent.FixedSizeSampled(50, 4, 0, new PrivacyEvent.Gaussian(z));
    for (int a = 2; a <= 8; a++) {
      double sum = 1;
      double binomial = a;
      for (int j = 2; j <= a; j++) {
        binomial *= (a - j + 1.0) / j;
        double ordinary = 2 * moment(s, j);
        double fine =
            j == 2
                ? 4 * Math.expm1(1 / s / s)
                : 4 * Math.sqrt(difference(s, j / 2 * 2) * difference(s, (j + 1) / 2 * 2));
        sum += binomial * Math.pow(0.08, j) * Math.min(ordinary, fine);
      }
      double expected = Math.min(Math.log(sum), a * (a - 1.0) / 2 / s / s) / (a - 1);
      for (Relation relation : new Relation[] {Relation.ZERO_OUT, Relation.REPLACE_ONE}) {
        assertThat(at(event, relation, a))
            .as("order %s", a)
            .isCloseTo(expected, within(1e-7 * expected));
      }
    }
  }

  /** Samples of nearly everybody: the noise alone is the lesser bound. */
  @Test
  void fixedSize_neverCostsMoreThanTheNoise() {
    PrivacyEvent event =
        new PrivacyEvent.FixedSizeSampled(50, 49, 0, new PrivacyEvent.Gaussian(0.8));
    for (int a = 2; a <= 8; a++) {
      assertThat(at(event, Relation.REPLACE_ONE, a)).isCloseTo(a / 0.32, withinPercentage(1e-10));
    }
  }

  /** Moments that are no doubles: ln of the last term of the theorem's sum, C(a, a) q^a 2 e^... */
  @Test
  void fixedSize_withLittleNoise_isStillAmplified() {
    PrivacyEvent event =
        new PrivacyEvent.FixedSizeSampled(100, 5, 0, new PrivacyEvent.Gaussian(0.4));
    double last = 20 * Math.log(0.05) + Math.log(2) + 20 * 19 / 2.0 / 0.04;
    assertThat(19 * at(event, Relation.REPLACE_ONE, 20)).isCloseTo(last, within(1e-6));
    // 4 available of 100, or fewer: at least 3 of them are drawn with probability below 5e-4.
    PrivacyEvent floor =
        new PrivacyEvent.FixedSizeSampled(100, 5, 3, new PrivacyEvent.Gaussian(0.4));
    assertThat(19 * at(floor, Relation.REPLACE_ONE, 20))
        .isLessThan(20 * 19 / 2.0 / 0.04 + Math.log(5e-4));
  }

  /** E_Q[(P/Q)^j]. */
  private static double moment(double s, int j) {
    return Math.exp(j * (j - 1) / 2.0 / s / s);
  }

  private static double difference(double s, int n) {
    double sum = 0;
    double binomial = 1;
    for (int k = 0; k <= n; k++) {
      sum += ((n - k) % 2 == 0 ? binomial : -binomial) * moment(s, k);
      binomial *= (double) (n - k) / (k + 1);
    }
    return sum;
  }

  /** Theorem 9 above order 256; at 256 still the finer one, which is less. */
  @Test
  void fixedSize_ofAHighOrder_needsNoDifferences() {
    double s = 20;
    RenyiCurve curve = FixedSizeGaussian.curve(0.01, s);
    for (int a : new int[] {256, 257}) {
      double sum = 1;
      double logBinomial = Math.log(a);
      for (int j = 2; j <= a; j++) {
        logBinomial += Math.log((a - j + 1.0) / j);
        double ordinary = 2 * moment(s, j);
        double factor = j == 2 ? Math.min(4 * Math.expm1(1 / s / s), ordinary) : ordinary;
        sum += Math.exp(logBinomial + j * Math.log(0.01)) * factor;
      }
      double ninth = Math.log(sum) / (a - 1);
      if (a == 256) {
        assertThat(curve.at(a)).isLessThan(0.9 * ninth);
      } else {
        assertThat(curve.at(a)).isCloseTo(ninth, withinPercentage(1e-8));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Relation.class)
  void cutPoissonSample_isTheMixtureOfBoth(Relation relation) {
    int n = 40;
    int cap = 6;
    double q = 0.1;
    double z = 1.5;
    PrivacyEvent.TruncatedPoissonSampled event =
        new PrivacyEvent.TruncatedPoissonSampled(q, n, cap, new PrivacyEvent.Gaussian(z));
    double fill = atLeast(n - 1, q, cap);
    double rate = Math.min(1, atLeast(n, q, cap + 1) * cap / fill / n);
    boolean replace = relation == Relation.REPLACE_ONE;
    RenyiCurve plain = replace ? SampledGaussian.replaced(q, z) : SampledGaussian.curve(q, z);
    RenyiCurve pushed = SampledGaussian.replaced(rate, z / 2);
    for (double a : new double[] {1.5, 2, 3, 6.5}) {
      double mixed =
          (1 - fill) * Math.exp((a - 1) * plain.at(a)) + fill * Math.exp((a - 1) * pushed.at(a));
      assertThat(at(event, relation, a))
          .isCloseTo(Math.log(mixed) / (a - 1), withinPercentage(1e-8));
    }
    MixedPair pair = (MixedPair) TruncatedPoisson.of(event, relation).pair(true);
    assertThat(pair.weight()).isCloseTo(fill, withinPercentage(1e-10));
    assertThat(pair.one())
        .isInstanceOf(replace ? ReplacedGaussianPair.class : SampledGaussianPair.class);
    assertThat(pair.other().highest(1e-9))
        .isCloseTo(new ReplacedGaussianPair(rate, z / 2).highest(1e-9), withinPercentage(1e-8));
    PrivacyEvent.TruncatedPoissonSampled all =
        new PrivacyEvent.TruncatedPoissonSampled(q, n, n, new PrivacyEvent.Gaussian(z));
    assertThat(at(all, relation, 3)).isEqualTo(plain.at(3));
    assertThat(TruncatedPoisson.of(all, relation).pair(true)).isNotInstanceOf(MixedPair.class);
  }

  private static double atLeast(int n, double p, int k) {
    double sum = 0;
    double term = Math.pow(1 - p, n);
    for (int i = 0; i <= n; i++) {
      sum += i >= k ? term : 0;
      term *= p / (1 - p) * (n - i) / (i + 1);
    }
    return sum;
  }

  @Test
  void binomialTail_isTheSumOfItsTerms() {
    for (int n = 1; n <= 12; n++) {
      for (double p : new double[] {0.01, 0.3, 0.5, 0.95}) {
        for (int k = -1; k <= n + 1; k++) {
          assertThat(Binomial.atLeast(n, p, k))
              .as("n %s p %s k %s", n, p, k)
              .isCloseTo(atLeast(n, p, k), within(1e-12 * atLeast(n, p, k)))
              .isLessThanOrEqualTo(1);
        }
      }
      assertThat(Binomial.atLeast(n, 1, n)).isOne();
      assertThat(Binomial.atLeast(n, 1, n + 1)).isZero();
    }
    assertThat(Binomial.atLeast(5, 0.5, 0)).isOne();
    assertThat(Binomial.atLeast(5, 0.5, 6)).isZero();
  }
}
