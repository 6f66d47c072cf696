package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RdpAccountantTest {
  private static final RdpAccountant RDP = new RdpAccountant();
  private static final PrivacyEvent GAUSSIAN = new PrivacyEvent.Gaussian(2);
  private static final PrivacyEvent DISTRIBUTED =
      new PrivacyEvent.DistributedDiscreteGaussian(1000, 300, 84, 8192);

  static List<PrivacyEvent> events() {
    return List.of(
        GAUSSIAN,
        new PrivacyEvent.DiscreteGaussian(3, 5),
        DISTRIBUTED,
        new PrivacyEvent.DistributedDiscreteGaussian(10, 0.6, 100, 256),
        new PrivacyEvent.DistributedSkellam(10, 3, 100, 256),
        new PrivacyEvent.LocalDiscreteLaplace(10, 20),
        new PrivacyEvent.NonPrivate());
  }

  private static double epsilon(PrivacyEvent event, int count, Relation relation) {
    return RDP.epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, relation).epsilon();
  }

  @DisplayName("P7: a count is never ignored")
  @ParameterizedTest
  @MethodSource("events")
  void epsilon_ofACount_isThatOfAsManySingleCharges(PrivacyEvent event) {
    for (int n : new int[] {2, 10, 100}) {
      List<Charge> singles = Collections.nCopies(n, new Charge(event, 1));
      Guarantee guarantee = RDP.epsilon(singles, 1e-5, Unit.USER, Relation.ZERO_OUT);
      double together = epsilon(event, n, Relation.ZERO_OUT);
      if (Double.isInfinite(together)) {
        assertThat(guarantee.epsilon()).isInfinite();
      } else {
        assertThat(guarantee.epsilon()).isCloseTo(together, within(1e-9 * together));
        assertThat(together).isGreaterThan(epsilon(event, n - 1, Relation.ZERO_OUT));
      }
    }
  }

  @Test
  void epsilon_fallsWithDeltaAndNoise() {
    double last = Double.POSITIVE_INFINITY;
    for (double delta = 1e-12; delta < 0.5; delta *= 3) {
      double epsilon =
          RDP.epsilon(List.of(new Charge(GAUSSIAN, 3)), delta, Unit.USER, Relation.ZERO_OUT)
              .epsilon();
      assertThat(epsilon).isLessThanOrEqualTo(last);
      last = epsilon;
    }
    last = Double.POSITIVE_INFINITY;
    for (double z = 0.1; z < 1e6; z *= 1.7) {
      double epsilon = epsilon(new PrivacyEvent.Gaussian(z), 3, Relation.ZERO_OUT);
      assertThat(epsilon).isBetween(0.0, last);
      last = epsilon;
    }
    assertThat(last).isZero();
  }

  /** Orders that are passed over could not have been the least. */
  @ParameterizedTest
  @CsvSource({
    "0.001, 0.6, 2000, 1e-6", "0.03, 0.5, 1000, 3e-4", "0.1, 2, 30, 1e-5", "0.3, 9, 4, 1e-9",
    "1e-5, 0.7, 20, 1e-7", "1, 1, 1, 1e-5", "0.9, 0.4, 3, 0.2", "0.01, 30, 1, 0.4"
  })
  void epsilon_isTheLeastOverAllOrders(double q, double z, int count, double delta) {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(q, new PrivacyEvent.Gaussian(z));
    assertThat(
            RDP.epsilon(List.of(new Charge(event, count)), delta, Unit.USER, Relation.ADD_REMOVE)
                .epsilon())
        .isEqualTo(RDP.epsilon(SampledGaussian.curve(q, z), count, delta));
  }

  @DisplayName("P24: asking changes nothing")
  @Test
  void queries_arePure() {
    List<Charge> charges = List.of(new Charge(GAUSSIAN, 3), new Charge(DISTRIBUTED, 2));
    Guarantee first = RDP.epsilon(charges, 1e-6, Unit.USER, Relation.ZERO_OUT);
    RDP.delta(charges, 1, Unit.USER, Relation.ZERO_OUT);
    RDP.epsilon(charges, 1e-2, Unit.EXAMPLE, Relation.REPLACE_ONE);
    assertThat(RDP.epsilon(charges, 1e-6, Unit.USER, Relation.ZERO_OUT)).isEqualTo(first);
  }

  @Test
  void delta_isTheInverseOfEpsilon() {
    List<Charge> charges = List.of(new Charge(GAUSSIAN, 3));
    Guarantee epsilon = RDP.epsilon(charges, 1e-6, Unit.USER, Relation.ADD_REMOVE);
    Guarantee delta = RDP.delta(charges, epsilon.epsilon(), Unit.USER, Relation.ADD_REMOVE);
    assertThat(delta.delta()).isCloseTo(1e-6, within(1e-15));
    assertThat(delta.order()).isEqualTo(epsilon.order());
  }

  /** RDP never claims less than the exact trade-off of one Gaussian. */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1, 2, 5, 20, 300})
  void epsilon_ofOneGaussian_isAtLeastTheExactOne(double z) {
    for (double delta : new double[] {1e-2, 1e-5, 1e-9}) {
      Guarantee guarantee =
          RDP.epsilon(
              List.of(new Charge(new PrivacyEvent.Gaussian(z), 1)),
              delta,
              Unit.USER,
              Relation.ADD_REMOVE);
      assertThat(guarantee.epsilon()).isGreaterThanOrEqualTo(AnalyticGaussian.epsilon(z, delta));
    }
  }

  /** Replacing a value moves the sum by twice the clip. */
  @Test
  void replaceOne_isHalfTheNoise() {
    assertThat(epsilon(new PrivacyEvent.Gaussian(4), 7, Relation.REPLACE_ONE))
        .isEqualTo(epsilon(new PrivacyEvent.Gaussian(2), 7, Relation.ZERO_OUT));
    assertThat(epsilon(DISTRIBUTED, 1, Relation.REPLACE_ONE))
        .isGreaterThan(epsilon(DISTRIBUTED, 1, Relation.ZERO_OUT));
  }

  @Test
  void clientMadeNoise_underAddRemove_isRefused() {
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> epsilon(DISTRIBUTED, 1, Relation.ADD_REMOVE))
        .withMessageContaining("ADD_REMOVE")
        .withMessageContaining("central noise");
  }

  @Test
  void nothingReleased_costsNothing_andNonPrivateCostsEverything() {
    assertThat(RDP.epsilon(List.of(), 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon()).isZero();
    assertThat(RDP.delta(List.of(), 1, Unit.USER, Relation.ZERO_OUT).delta()).isZero();
    List<Charge> open =
        List.of(new Charge(new PrivacyEvent.NonPrivate(), 1), new Charge(GAUSSIAN, 1));
    assertThat(RDP.epsilon(open, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon()).isInfinite();
    assertThat(RDP.delta(open, 1, Unit.USER, Relation.ZERO_OUT).delta()).isOne();
  }

  @DisplayName("P22: where shares are too narrow the bound explodes, and says so")
  @Test
  void narrowShares_explode() {
    assertThat(
            epsilon(
                new PrivacyEvent.DistributedDiscreteGaussian(10, 0.5, 100, 256),
                1,
                Relation.ZERO_OUT))
        .isGreaterThan(10);
    assertThat(SumOfDiscreteGaussians.tau(100, 0.3)).isGreaterThan(100);
    assertThat(SumOfDiscreteGaussians.tau(1, 0.3)).isZero();
    // Most shares that a plan can write: bounded work, and never less than the sum of all terms.
    double least = 10 * (Integer.MAX_VALUE - 1.0) * Math.exp(-2 * Math.PI * Math.PI * 0.09);
    assertThat(SumOfDiscreteGaussians.tau(Integer.MAX_VALUE, 0.3)).isBetween(least, least * 1.0001);
    assertThat(SumOfDiscreteGaussians.tau(1_000_000, 1000)).isZero();
  }

  /** Each of the theorem's three bounds is the least somewhere; the curve is their minimum. */
  @Test
  void sumOfDiscreteGaussians_isTheLeastOfThreeBounds() {
    int[] least = new int[3];
    for (double sigma : new double[] {0.5, 0.6, 0.8, 1, 1.3}) {
      for (double sensitivity : new double[] {1, 3, 30, 1000}) {
        for (long d : new long[] {1, 64, 8192}) {
          for (double a : new double[] {1.1, 8, 1024}) {
            double tau = SumOfDiscreteGaussians.tau(50, sigma);
            double l2 = sensitivity / (Math.sqrt(50) * sigma);
            double l1 = RoundedNorm.l1Bound(sensitivity, d) / (Math.sqrt(50) * sigma);
            double[] bounds = {
              a / 2 * l2 * l2 + tau * d,
              a / 2 * (l2 * l2 + 2 * l1 * tau + tau * tau * d),
              a / 2 * Math.pow(l2 + Math.sqrt(d) * tau, 2)
            };
            int best =
                bounds[0] < Math.min(bounds[1], bounds[2]) ? 0 : bounds[1] < bounds[2] ? 1 : 2;
            least[best]++;
            PrivacyEvent event =
                new PrivacyEvent.DistributedDiscreteGaussian(sensitivity, sigma, 50, d);
            assertThat(RenyiCurve.of(event, Relation.ZERO_OUT).at(a))
                .isCloseTo(bounds[best], within(1e-12 * bounds[best]));
          }
        }
      }
    }
    assertThat(least[0]).isPositive();
    assertThat(least[1]).isPositive();
    assertThat(least[2]).isPositive();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
  void deltaThatIsNone_isRefused(double delta) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RDP.epsilon(List.of(), delta, Unit.USER, Relation.ZERO_OUT))
        .withMessageStartingWith("delta must be > 0 and < 1");
  }

  @Test
  void ordersThatAreNone_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RdpAccountant(new double[0]));
    assertThatIllegalArgumentException().isThrownBy(() -> new RdpAccountant(2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new RdpAccountant(Double.NaN));
    assertThatIllegalArgumentException().isThrownBy(() -> new Charge(GAUSSIAN, 0));
  }
}
