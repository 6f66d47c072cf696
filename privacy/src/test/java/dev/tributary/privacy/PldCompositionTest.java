package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compositions under so much noise that their grids are small: quick, and exact where it counts.
 */
final class PldCompositionTest {
  private static final PldAccountant PLD = new PldAccountant();
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(40);
  private static final PrivacyEvent LAPLACE = new PrivacyEvent.Laplace(200);
  private static final PrivacyEvent SAMPLED = new PrivacyEvent.PoissonSampled(0.2, GAUSSIAN);
  private static final PrivacyEvent CAPPED =
      new PrivacyEvent.TruncatedPoissonSampled(0.2, 100, 30, GAUSSIAN);

  private static double epsilon(List<Charge> charges, double delta, Relation relation) {
    return PLD.epsilon(charges, delta, Unit.USER, relation).epsilon();
  }

  private static double delta(List<Charge> charges, double epsilon, Relation relation) {
    return PLD.delta(charges, epsilon, Unit.USER, relation).delta();
  }

  @ParameterizedTest
  @EnumSource(Relation.class)
  void gaussians_composeInClosedForm(Relation relation) {
    List<Charge> charges =
        List.of(new Charge(GAUSSIAN, 9), new Charge(new PrivacyEvent.Gaussian(30), 4));
    double shift = relation == Relation.REPLACE_ONE ? 2 : 1;
    double z = 1 / (shift * Math.sqrt(9 / 1600.0 + 4 / 900.0));
    assertThat(epsilon(charges, 1e-6, relation))
        .isCloseTo(AnalyticGaussian.epsilon(z, 1e-6), within(1e-12));
    assertThat(delta(charges, 0.3, relation))
        .isCloseTo(AnalyticGaussian.delta(z, 0.3), within(1e-15));
    assertThat(epsilon(List.of(), 1e-6, relation)).isZero();
    assertThat(delta(List.of(), 0.3, relation)).isZero();
  }

  /** A sample of everybody goes over the grid, beside a Gaussian that does not. */
  @ParameterizedTest
  @EnumSource(Relation.class)
  void grid_isTheClosedForm_wherePairsAreGaussian(Relation relation) {
    PrivacyEvent everybody = new PrivacyEvent.PoissonSampled(1, GAUSSIAN);
    List<Charge> charges =
        List.of(
            new Charge(everybody, 5),
            new Charge(new PrivacyEvent.Gaussian(30), 4),
            new Charge(everybody, 4));
    double shift = relation == Relation.REPLACE_ONE ? 2 : 1;
    double z = 1 / (shift * Math.sqrt(9 / 1600.0 + 4 / 900.0));
    double exact = AnalyticGaussian.epsilon(z, 1e-6);
    assertThat(epsilon(charges, 1e-6, relation)).isBetween(exact * (1 - 1e-9), exact * 1.0004);
    double at = AnalyticGaussian.delta(z, 0.3);
    assertThat(delta(charges, 0.3, relation)).isBetween(at * (1 - 1e-9), at * 1.01);
  }

  @ParameterizedTest
  @EnumSource(Relation.class)
  void delta_isTheInverseOfEpsilon(Relation relation) {
    for (PrivacyEvent event : List.of(LAPLACE, SAMPLED)) {
      List<Charge> charges = List.of(new Charge(event, 30), new Charge(GAUSSIAN, 1));
      double epsilon = epsilon(charges, 1e-4, relation);
      assertThat(epsilon).isPositive();
      assertThat(delta(charges, epsilon, relation)).isCloseTo(1e-4, within(2e-6));
      assertThat(delta(charges, 2 * epsilon, relation)).isLessThan(1e-5);
    }
  }

  /** One Laplace release: delta(epsilon) = 1 - e^((epsilon - 1/b) / 2). */
  @Test
  void laplace_isItsClosedForm() {
    List<Charge> once = List.of(new Charge(LAPLACE, 1));
    assertThat(delta(once, 0.004, Relation.ADD_REMOVE))
        .isCloseTo(-Math.expm1((0.004 - 0.005) / 2), within(1e-9));
    assertThat(delta(once, 0.004, Relation.REPLACE_ONE))
        .isCloseTo(-Math.expm1((0.004 - 0.01) / 2), within(1e-9));
    assertThat(delta(once, 0.0051, Relation.ADD_REMOVE)).isLessThan(1e-12);
    assertThat(epsilon(once, 1e-6, Relation.ADD_REMOVE)).isBetween(0.00499, 0.005001);
  }

  @Test
  void larger_ofBothDirections_counts() {
    List<Charge> charges = List.of(new Charge(CAPPED, 20));
    double remove = PldAccountant.composition(charges, Relation.ADD_REMOVE, true).epsilon(1e-5);
    double add = PldAccountant.composition(charges, Relation.ADD_REMOVE, false).epsilon(1e-5);
    assertThat(remove).isNotEqualTo(add);
    assertThat(epsilon(charges, 1e-5, Relation.ADD_REMOVE)).isEqualTo(Math.max(remove, add));
    double at = Math.max(remove, add) / 2;
    double removed = PldAccountant.composition(charges, Relation.ADD_REMOVE, true).delta(at);
    double added = PldAccountant.composition(charges, Relation.ADD_REMOVE, false).delta(at);
    assertThat(delta(charges, at, Relation.ADD_REMOVE)).isEqualTo(Math.max(removed, added));
  }

  @Test
  void replacing_isNeitherRemovingNorTwiceTheDistance() {
    List<Charge> charges = List.of(new Charge(SAMPLED, 100));
    double removed = epsilon(charges, 1e-6, Relation.ADD_REMOVE);
    double replaced = epsilon(charges, 1e-6, Relation.REPLACE_ONE);
    assertThat(replaced).isBetween(1.5 * removed, 2.2 * removed);
    assertThat(epsilon(charges, 1e-6, Relation.ZERO_OUT)).isEqualTo(removed);
  }

  @Test
  void whatIsCovered() {
    assertThat(PLD.covers(List.of())).isTrue();
    for (PrivacyEvent event : List.of(GAUSSIAN, LAPLACE, SAMPLED, CAPPED)) {
      assertThat(PLD.covers(List.of(new Charge(event, 1)))).as("%s", event).isTrue();
    }
    PrivacyEvent discrete = new PrivacyEvent.DiscreteGaussian(10, 20);
    for (PrivacyEvent event : List.of(discrete, new PrivacyEvent.PoissonSampled(0.05, discrete))) {
      List<Charge> mixed = List.of(new Charge(GAUSSIAN, 1), new Charge(event, 1));
      assertThat(PLD.covers(mixed)).as("%s", event).isFalse();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> epsilon(mixed, 1e-5, Relation.ADD_REMOVE))
          .withMessageContaining("rdp");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> delta(mixed, 1, Relation.ADD_REMOVE))
          .withMessageContaining("rdp");
    }
  }

  @Test
  void queries_areChecked() {
    List<Charge> charges = List.of(new Charge(GAUSSIAN, 1));
    for (double bad : new double[] {0, 1, -1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> epsilon(charges, bad, Relation.ADD_REMOVE));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> delta(charges, -0.1, Relation.ADD_REMOVE));
    assertThat(PLD.id()).isEqualTo("pld");
    assertThat(PLD.epsilon(charges, 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .satisfies(
            guarantee -> {
              assertThat(guarantee.accountant()).isEqualTo("pld");
              assertThat(guarantee.delta()).isEqualTo(1e-5);
            });
  }
}
