package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.loss.SampledGaussianPair;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PldAccountantTest {
  private static final PldAccountant PLD = new PldAccountant();
  private static final RdpAccountant RDP = new RdpAccountant();
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(2);

  static List<PrivacyEvent> covered() {
    return List.of(
        GAUSSIAN,
        new PrivacyEvent.Laplace(10),
        new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN),
        new PrivacyEvent.PoissonSampled(1, GAUSSIAN),
        new PrivacyEvent.TruncatedPoissonSampled(0.05, 1000, 60, GAUSSIAN));
  }

  static List<PrivacyEvent> sampled() {
    return List.of(
        new PrivacyEvent.Laplace(10),
        new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN),
        new PrivacyEvent.PoissonSampled(0.05, new PrivacyEvent.DiscreteGaussian(10, 20)),
        new PrivacyEvent.TruncatedPoissonSampled(0.05, 1000, 60, GAUSSIAN),
        new PrivacyEvent.FixedSizeSampled(1000, 50, 0, GAUSSIAN));
  }

  private static double epsilon(Accountant accountant, PrivacyEvent event, int count) {
    return accountant
        .epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, Relation.ZERO_OUT)
        .epsilon();
  }

  @DisplayName("P7: a count is never ignored")
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("covered")
  void epsilon_ofACount_isThatOfAsManySingleCharges(PrivacyEvent event) {
    List<Charge> singles = Collections.nCopies(20, new Charge(event, 1));
    double apart = PLD.epsilon(singles, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    double together = epsilon(PLD, event, 20);
    assertThat(apart).isCloseTo(together, within(1e-9 * together));
    assertThat(together).isGreaterThan(epsilon(PLD, event, 19));
  }

  /** The same for the Renyi curves of sampled events. */
  @ParameterizedTest
  @MethodSource("sampled")
  void rdpEpsilon_ofACount_isThatOfAsManySingleCharges(PrivacyEvent event) {
    List<Charge> singles = Collections.nCopies(20, new Charge(event, 1));
    double apart = RDP.epsilon(singles, 1e-5, Unit.USER, Relation.ZERO_OUT).epsilon();
    double together = epsilon(RDP, event, 20);
    assertThat(apart).isCloseTo(together, within(1e-9 * together));
    assertThat(together).isGreaterThan(epsilon(RDP, event, 19));
  }

  /** RDP is valid, so never below the composition's own epsilon; its slack here is under a half. */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("covered")
  void rdp_isAboveThePld_byItsKnownGap(PrivacyEvent event) {
    for (int count : new int[] {10, 200}) {
      double pld = epsilon(PLD, event, count);
      assertThat(epsilon(RDP, event, count))
          .isGreaterThanOrEqualTo(pld * (1 - 1e-3))
          .isLessThan(2 * pld);
    }
  }

  /** A sample of everybody is no sample: the grid against the closed form. */
  @Tag("slow")
  @Test
  void poissonSampleOfRateOne_isTheGaussian() {
    PrivacyEvent everybody = new PrivacyEvent.PoissonSampled(1, GAUSSIAN);
    for (int count : new int[] {1, 10, 100}) {
      double closed = epsilon(PLD, GAUSSIAN, count);
      assertThat(epsilon(PLD, everybody, count))
          .isBetween(closed * (1 - 1e-9), closed * (1 + 1e-3));
      assertThat(epsilon(RDP, everybody, count))
          .isCloseTo(epsilon(RDP, GAUSSIAN, count), within(1e-12 * closed));
    }
  }

  /** Integer orders by the binomial sum and orders beside them by quadrature are one curve. */
  @Test
  void renyiCurve_isContinuousAcrossIntegerOrders() {
    for (double q : new double[] {1e-6, 1e-3, 0.1, 0.9}) {
      for (double s : new double[] {0.3, 1, 5}) {
        RenyiCurve curve = SampledGaussian.curve(q, s);
        for (double order : new double[] {2, 3, 8, 16}) {
          double at = curve.at(order);
          double beside = 0.5 * (curve.at(order - 1e-5) + curve.at(order + 1e-5));
          assertThat(beside).as("q %s s %s a %s", q, s, order).isCloseTo(at, within(1e-6 * at));
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void epsilon_risesWithRateAndRounds_fallsWithNoiseAndDelta() {
    double base = sampledEpsilon(0.02, 1.2, 200, 1e-5);
    assertThat(sampledEpsilon(0.03, 1.2, 200, 1e-5)).isGreaterThan(base);
    assertThat(sampledEpsilon(0.02, 1.2, 300, 1e-5)).isGreaterThan(base);
    assertThat(sampledEpsilon(0.02, 1.3, 200, 1e-5)).isLessThan(base);
    assertThat(sampledEpsilon(0.02, 1.2, 200, 1e-4)).isLessThan(base);
  }

  private static double sampledEpsilon(double q, double z, int count, double delta) {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(q, new PrivacyEvent.Gaussian(z));
    return PLD.epsilon(List.of(new Charge(event, count)), delta, Unit.USER, Relation.ADD_REMOVE)
        .epsilon();
  }

  /** At next to no noise losses pass 709, beyond which e^loss is no double. */
  @Tag("slow")
  @Test
  void hugeLosses_areCounted_andNeverNaN() {
    PrivacyEvent sampled = new PrivacyEvent.PoissonSampled(0.01, new PrivacyEvent.Gaussian(0.02));
    assertThat(epsilon(PLD, sampled, 1)).isBetween(1390.0, 1405.0);
    PrivacyEvent laplace = new PrivacyEvent.Laplace(1e-3);
    assertThat(epsilon(PLD, laplace, 1)).isBetween(999.9, 1000.1);
    for (PrivacyEvent event : List.of(sampled, laplace)) {
      List<Charge> charges = List.of(new Charge(event, 2));
      for (double at : new double[] {1, 5000}) {
        try {
          assertThat(PLD.delta(charges, at, Unit.USER, Relation.ADD_REMOVE).delta())
              .as("%s at %s", event, at)
              .isBetween(0.0, 1.0);
        } catch (ArithmeticException refused) {
          assertThat(refused).hasMessageContaining("noise");
        }
      }
    }
  }

  /** Against the exact trade-off of one release, on both sides of where e^loss overflows. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(doubles = {0.03, 0.0316, 0.05})
  void epsilon_ofOneReleaseWithLittleNoise_isNotBelowTheTruth(double z) {
    PrivacyEvent event = new PrivacyEvent.PoissonSampled(0.01, new PrivacyEvent.Gaussian(z));
    double epsilon =
        PLD.epsilon(List.of(new Charge(event, 1)), 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon();
    SampledGaussianPair exact = new SampledGaussianPair(0.01, z, true);
    assertThat(exact.delta(epsilon)).isLessThanOrEqualTo(1e-5 * (1 + 1e-6));
    assertThat(exact.delta(epsilon * (1 - 1e-3))).isGreaterThan(1e-5);
  }

  @DisplayName("P10: the two directions differ by a factor of 30, and the larger counts")
  @Tag("slow")
  @Test
  void bothDirections_areCounted() {
    List<Charge> charges =
        List.of(
            new Charge(new PrivacyEvent.PoissonSampled(0.1, new PrivacyEvent.Gaussian(0.3)), 10));
    double remove = PldAccountant.composition(charges, Relation.ADD_REMOVE, true).epsilon(1e-5);
    double add = PldAccountant.composition(charges, Relation.ADD_REMOVE, false).epsilon(1e-5);
    assertThat(remove).isGreaterThan(30 * add);
    assertThat(PLD.epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon())
        .isEqualTo(remove);
  }

  @DisplayName("P11: replacing is not adding or removing")
  @Test
  void replaceOne_isItsOwnNumber() {
    List<Charge> charges =
        List.of(
            new Charge(new PrivacyEvent.PoissonSampled(0.01, new PrivacyEvent.Gaussian(1)), 1000));
    double replaced = PLD.epsilon(charges, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon();
    double removed = PLD.epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon();
    assertThat(replaced).isCloseTo(2.8434458, within(1e-4));
    assertThat(removed).isCloseTo(1.8282368, within(1e-4));
    assertThat(RDP.epsilon(charges, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon())
        .isGreaterThan(replaced);
  }

  @DisplayName("P12: a cap that is often reached costs, one that is not costs nothing")
  @Tag("slow")
  @Test
  void cap_isPaidFor() {
    PrivacyEvent plain = new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN);
    PrivacyEvent tight = new PrivacyEvent.TruncatedPoissonSampled(0.05, 1000, 55, GAUSSIAN);
    PrivacyEvent loose = new PrivacyEvent.TruncatedPoissonSampled(0.05, 1000, 200, GAUSSIAN);
    assertThat(epsilon(PLD, tight, 100)).isGreaterThan(1.5 * epsilon(PLD, plain, 100));
    assertThat(epsilon(PLD, loose, 100)).isCloseTo(epsilon(PLD, plain, 100), within(1e-6));
  }

  @Test
  void differentEvents_compose() {
    Charge sample = new Charge(new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN), 50);
    Charge whole = new Charge(GAUSSIAN, 2);
    double both =
        PLD.epsilon(List.of(sample, whole), 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon();
    double first = PLD.epsilon(List.of(sample), 5e-6, Unit.USER, Relation.ADD_REMOVE).epsilon();
    double second = PLD.epsilon(List.of(whole), 5e-6, Unit.USER, Relation.ADD_REMOVE).epsilon();
    assertThat(both).isGreaterThan(Math.max(first, second)).isLessThan(first + second);
  }

  @Test
  void delta_isTheInverseOfEpsilon() {
    List<Charge> charges = List.of(new Charge(new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN), 50));
    double epsilon = PLD.epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon();
    assertThat(PLD.delta(charges, epsilon, Unit.USER, Relation.ADD_REMOVE).delta())
        .isCloseTo(1e-5, within(1e-7));
  }

  @Test
  void whatHasNoLossDistribution_isRefused_andLeftToRdp() {
    Charge discrete = new Charge(new PrivacyEvent.DiscreteGaussian(3, 5), 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PLD.epsilon(List.of(discrete), 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .withMessageContaining("rdp");
    TightestAccountant tightest = new TightestAccountant();
    assertThat(tightest.epsilon(List.of(discrete), 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .isEqualTo(RDP.epsilon(List.of(discrete), 1e-5, Unit.USER, Relation.ADD_REMOVE));
    Charge sample = new Charge(new PrivacyEvent.PoissonSampled(0.05, GAUSSIAN), 50);
    assertThat(tightest.epsilon(List.of(sample), 1e-5, Unit.USER, Relation.ADD_REMOVE).accountant())
        .isEqualTo("pld");
  }

  @Test
  void samplesWithoutABound_areRefused() {
    Charge fixed = new Charge(new PrivacyEvent.FixedSizeSampled(1000, 50, 0, GAUSSIAN), 1);
    assertThatExceptionOfType(RelationException.class)
        .isThrownBy(() -> RDP.epsilon(List.of(fixed), 1e-5, Unit.USER, Relation.ADD_REMOVE));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PrivacyEvent.PoissonSampled(
                    0.1, new PrivacyEvent.DistributedDiscreteGaussian(10, 1, 10, 16)))
        .withMessageContaining("central");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.PoissonSampled(0, GAUSSIAN));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.FixedSizeSampled(10, 11, 0, GAUSSIAN));
  }

  @ParameterizedTest
  @MethodSource("sampled")
  void canonical_readsBack(PrivacyEvent event) {
    assertThat(PrivacyEvent.parse(event.canonical())).isEqualTo(event);
  }
}
