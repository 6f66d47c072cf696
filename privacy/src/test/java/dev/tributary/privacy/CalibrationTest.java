package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CalibrationTest {
  private static final RdpAccountant RDP = new RdpAccountant();

  private static List<Charge> run(double z, int rounds, double q) {
    return List.of(
        new Charge(new PrivacyEvent.PoissonSampled(q, new PrivacyEvent.Gaussian(z)), rounds));
  }

  private static double epsilon(double z, int rounds, double q) {
    return RDP.epsilon(run(z, rounds, q), 1e-5, Unit.USER, Relation.ADD_REMOVE).epsilon();
  }

  @Test
  void eachUnknown_isFoundOnItsSafeSide_andNoFurther() {
    double z =
        Calibration.noiseMultiplier(RDP, x -> run(x, 500, 0.02), 2, 1e-5, Relation.ADD_REMOVE);
    assertThat(epsilon(z, 500, 0.02)).isLessThanOrEqualTo(2).isGreaterThan(2 - 1e-4);
    int rounds =
        Calibration.rounds(RDP, x -> run(z, x, 0.02), 100_000, 2, 1e-5, Relation.ADD_REMOVE);
    assertThat(rounds).isEqualTo(500);
    assertThat(epsilon(z, rounds + 1, 0.02)).isGreaterThan(2);
    double q = Calibration.rate(RDP, x -> run(z, 500, x), 2, 1e-5, Relation.ADD_REMOVE);
    assertThat(epsilon(z, 500, q)).isLessThanOrEqualTo(2).isGreaterThan(2 - 1e-4);
  }

  @Test
  void limits_areReached() {
    assertThat(Calibration.rounds(RDP, x -> run(0.3, x, 1), 100, 0.1, 1e-5, Relation.ADD_REMOVE))
        .isZero();
    assertThat(Calibration.rounds(RDP, x -> run(1e6, x, 1), 77, 1, 1e-5, Relation.ADD_REMOVE))
        .isEqualTo(77);
    for (int most : new int[] {1, 2, 3, Integer.MAX_VALUE}) {
      assertThat(Calibration.rounds(RDP, x -> run(1e9, x, 1), most, 1, 1e-5, Relation.ADD_REMOVE))
          .isEqualTo(most);
    }
    assertThat(Calibration.rate(RDP, x -> run(1e6, 1, x), 1, 1e-5, Relation.ADD_REMOVE)).isOne();
    List<Charge> open = List.of(new Charge(new PrivacyEvent.NonPrivate(), 1));
    assertThatExceptionOfType(UnreachableBudgetException.class)
        .isThrownBy(
            () -> Calibration.noiseMultiplier(RDP, x -> open, 1, 1e-5, Relation.ADD_REMOVE));
    assertThatExceptionOfType(UnreachableBudgetException.class)
        .isThrownBy(() -> Calibration.rate(RDP, x -> open, 1, 1e-5, Relation.ADD_REMOVE));
  }
}
