package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pairs on a coarse grid against the integral of max(0, p - e^epsilon q) over their densities,
 * which knows nothing of edges, cells or directions.
 */
final class DiscretisationTest {
  private static final double STEP = 0.05;
  private static final double TAIL = 1e-13;

  /** A pair, and the densities that it is of. */
  record Case(String name, LossPair pair, DoubleUnaryOperator p, DoubleUnaryOperator q) {
    @Override
    public String toString() {
      return name;
    }

    double delta(double epsilon) {
      double h = 1e-3;
      double sum = 0;
      // Midpoints: the corners of Laplace densities, at 0 and 1, lie between them.
      for (double x = -30 + h / 2; x < 30; x += h) {
        sum += Math.max(0, p.applyAsDouble(x) - Math.exp(epsilon) * q.applyAsDouble(x));
      }
      return sum * h;
    }
  }

  private static double normal(double x, double deviation) {
    double z = x / deviation;
    return Math.exp(-0.5 * z * z) / deviation / Math.sqrt(2 * Math.PI);
  }

  private static double laplace(double x, double scale) {
    return Math.exp(-Math.abs(x) / scale) / 2 / scale;
  }

  private static DoubleUnaryOperator mixture(double rate, double deviation, double centre) {
    return x -> (1 - rate) * normal(x, deviation) + rate * normal(x - centre, deviation);
  }

  private static Case sampled(double rate, double deviation, boolean remove) {
    DoubleUnaryOperator plain = x -> normal(x, deviation);
    DoubleUnaryOperator mixed = mixture(rate, deviation, 1);
    return new Case(
        "sampled " + rate + " " + deviation + " " + remove,
        new SampledGaussianPair(rate, deviation, remove),
        remove ? mixed : plain,
        remove ? plain : mixed);
  }

  private static Case replaced(double rate, double deviation) {
    return new Case(
        "replaced " + rate + " " + deviation,
        new ReplacedGaussianPair(rate, deviation),
        mixture(rate, deviation, 1),
        mixture(rate, deviation, -1));
  }

  static List<Case> cases() {
    return List.of(
        sampled(0.3, 0.8, true),
        sampled(0.3, 0.8, false),
        sampled(0.02, 0.5, true),
        sampled(0.02, 0.5, false),
        sampled(1, 1.3, true),
        sampled(1, 1.3, false),
        replaced(0.3, 0.8),
        replaced(0.02, 0.6),
        replaced(1, 1.5),
        new Case("laplace", new LaplacePair(1.7), x -> laplace(x, 1.7), x -> laplace(x - 1, 1.7)));
  }

  private static double delta(ConnectTheDots grid, double epsilon) {
    double sum = grid.infinite();
    for (int i = 0; i < grid.points(); i++) {
      sum += grid.mass()[i] * Math.max(0, -Math.expm1(epsilon - grid.point(i)));
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void delta_atTheGridPoints_isThatOfTheDensities(Case pair) {
    ConnectTheDots grid = ConnectTheDots.of(pair.pair(), STEP, TAIL);
    for (int i = 0; i < grid.points(); i += Math.max(1, grid.points() / 20)) {
      double exact = pair.delta(grid.point(i));
      assertThat(delta(grid, grid.point(i)))
          .as("at %s", grid.point(i))
          .isCloseTo(exact, within(1e-5 * exact + 2e-13));
    }
  }

  /** Between grid points the grid's trade-off is a chord of a convex function of e^epsilon. */
  @ParameterizedTest
  @MethodSource("cases")
  void delta_betweenGridPoints_isAboveTheDensities_andNearThem(Case pair) {
    ConnectTheDots grid = ConnectTheDots.of(pair.pair(), STEP, TAIL);
    for (double at : new double[] {-0.51, 0.02, 0.123, 0.377, 1.01}) {
      double exact = pair.delta(at);
      assertThat(delta(grid, at))
          .as("at %s", at)
          .isBetween(exact * (1 - 1e-5), exact * (1 + 0.25) + 0.01);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void mass_isKept_andNoMoreThanTheTailIsOutside(Case pair) {
    ConnectTheDots grid = ConnectTheDots.of(pair.pair(), STEP, TAIL);
    double sum = 0;
    for (double mass : grid.mass()) {
      assertThat(mass).isNotNegative();
      sum += mass;
    }
    assertThat(grid.infinite()).isBetween(0.0, 2 * TAIL);
    assertThat(sum + grid.infinite()).isCloseTo(1, within(1e-12));
  }

  /** A narrow grid loses nothing: losses below go to its first point, losses above count whole. */
  @ParameterizedTest
  @MethodSource("cases")
  void narrowGrids_keepTheMassAndTheTradeOff(Case pair) {
    ConnectTheDots grid = new ConnectTheDots(STEP, -4, 9);
    pair.pair().discretise(grid);
    double sum = grid.infinite();
    for (double mass : grid.mass()) {
      sum += mass;
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
    for (double at : new double[] {-0.2, 0, 0.15}) {
      assertThat(delta(grid, at)).isGreaterThanOrEqualTo(pair.delta(at) * (1 - 1e-5));
    }
    // P above the last point, all of it: delta there, plus e^0.2 times what Q has above.
    double above = 0;
    for (double x = -30 + 5e-4; x < 30; x += 1e-3) {
      double p = pair.p().applyAsDouble(x);
      above += p > Math.exp(0.2) * pair.q().applyAsDouble(x) ? p * 1e-3 : 0;
    }
    assertThat(grid.infinite()).isCloseTo(above, within(2e-3));
  }

  /** The trade-off of one release that the pair states itself. */
  @Test
  void sampledGaussian_statesItsOwnTradeOff() {
    for (double rate : new double[] {0.02, 0.3, 1}) {
      for (boolean remove : new boolean[] {true, false}) {
        Case pair = sampled(rate, 0.7, remove);
        for (double at : new double[] {0, 0.2, 1.5}) {
          double exact = pair.delta(at);
          assertThat(((SampledGaussianPair) pair.pair()).delta(at))
              .as("%s at %s", pair, at)
              .isCloseTo(exact, within(1e-5 * exact + 1e-15));
        }
      }
    }
  }

  /** Adding lowers the loss by at most ln(1 - q), so nothing is above that, and delta is 0. */
  @Test
  void sampledGaussian_hasNoTradeOffWhereNoLossIs() {
    assertThat(new SampledGaussianPair(0.3, 0.8, false).delta(0.4)).isZero();
    assertThat(new SampledGaussianPair(0.3, 0.8, true).delta(0.4)).isPositive();
  }

  /** The ends of the grid: as far out as the tail asks, and no farther than a wider grid needs. */
  @Test
  void reach_isThatOfTheTail() {
    assertThat(Reach.of(Math.exp(-8))).isCloseTo(4, within(1e-12));
    double s = 0.8;
    double reach = s * 4;
    SampledGaussianPair gaussian = new SampledGaussianPair(1, s, true);
    assertThat(gaussian.highest(Math.exp(-8))).isCloseTo((0.5 + reach) / s / s, within(1e-12));
    assertThat(gaussian.lowest(Math.exp(-8))).isCloseTo((-0.5 - reach) / s / s, within(1e-12));
    SampledGaussianPair mixed = new SampledGaussianPair(0.25, s, true);
    double high = Math.log(0.75 + 0.25 * Math.exp((0.5 + reach) / s / s));
    double low = Math.log(0.75 + 0.25 * Math.exp((-0.5 - reach) / s / s));
    assertThat(mixed.highest(Math.exp(-8))).isCloseTo(high, within(1e-12));
    assertThat(mixed.lowest(Math.exp(-8))).isCloseTo(low, within(1e-12));
    SampledGaussianPair added = new SampledGaussianPair(0.25, s, false);
    assertThat(added.highest(Math.exp(-8))).isCloseTo(-low, within(1e-12));
    assertThat(added.lowest(Math.exp(-8)))
        .isCloseTo(-Math.log(0.75 + 0.25 * Math.exp((reach - 0.5) / s / s)), within(1e-12));
    ReplacedGaussianPair replaced = new ReplacedGaussianPair(0.25, s);
    double up = Math.log(0.75 + 0.25 * Math.exp((1 + reach - 0.5) / s / s));
    double down = Math.log(0.75 + 0.25 * Math.exp((-1 - reach - 0.5) / s / s));
    assertThat(replaced.highest(Math.exp(-8))).isCloseTo(up - down, within(1e-12));
    assertThat(replaced.lowest(Math.exp(-8))).isCloseTo(down - up, within(1e-12));
    LaplacePair laplace = new LaplacePair(2);
    assertThat(laplace.highest(1e-9)).isEqualTo(0.5);
    assertThat(laplace.lowest(1e-9)).isEqualTo(-0.5);
  }

  /** Where e^loss overflows the loss is still right: 1/s^2 per unit of the output. */
  @Test
  void hugeLosses_areFinite() {
    for (double rate : new double[] {0.01, 1}) {
      SampledGaussianPair pair = new SampledGaussianPair(rate, 0.02, true);
      double reach = 0.02 * 4;
      assertThat(pair.highest(Math.exp(-8)))
          .isCloseTo((0.5 + reach) / 4e-4 + Math.log(rate), within(1e-9));
    }
    ConnectTheDots grid = ConnectTheDots.of(new SampledGaussianPair(0.01, 0.02, true), 1, 1e-9);
    assertThat(delta(grid, 1000)).isBetween(0.0099, 0.0101);
    ConnectTheDots mirrored = ConnectTheDots.of(new ReplacedGaussianPair(0.01, 0.02), 1, 1e-9);
    assertThat(delta(mirrored, 1000)).isBetween(0.0099, 0.0101);
  }
}
