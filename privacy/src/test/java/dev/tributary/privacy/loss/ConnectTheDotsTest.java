package dev.tributary.privacy.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ConnectTheDotsTest {
  /** Both masses of an atom are kept: P's m, and Q's m e^-loss. */
  @Test
  void atom_isSplitSoThatBothMassesStay() {
    ConnectTheDots grid = new ConnectTheDots(0.1, -3, 8);
    grid.atom(0.234, 0.4);
    double[] mass = grid.mass();
    assertThat(mass[5] + mass[6]).isCloseTo(0.4, within(1e-15));
    assertThat(mass[5] * Math.exp(-0.2) + mass[6] * Math.exp(-0.3))
        .isCloseTo(0.4 * Math.exp(-0.234), within(1e-15));
    assertThat(mass[5]).isPositive();
    assertThat(grid.infinite()).isZero();
  }

  @Test
  void atom_outside_isRaised_neverLowered() {
    ConnectTheDots grid = new ConnectTheDots(0.5, -2, 5);
    grid.atom(-1.2, 0.1);
    grid.atom(-1, 0.2);
    grid.atom(1, 0.3);
    grid.atom(1.01, 0.25);
    assertThat(grid.mass()[0]).isCloseTo(0.3, within(1e-15));
    assertThat(grid.mass()[3]).isCloseTo(0, within(1e-15));
    assertThat(grid.mass()[4]).isCloseTo(0.3, within(1e-15));
    assertThat(grid.infinite()).isEqualTo(0.25);
  }

  @Test
  void points_areMultiplesOfTheStep_aroundAllLosses() {
    AtomicPair pair =
        new AtomicPair(new double[] {0.26, -0.31, 0.04}, new double[] {0.2, 0.3, 0.4}, 0.1);
    assertThat(pair.lowest(0)).isEqualTo(-0.31);
    assertThat(pair.highest(0)).isEqualTo(0.26);
    ConnectTheDots grid = ConnectTheDots.of(pair, 0.1, 0);
    assertThat(grid.lowest()).isEqualTo(-4);
    assertThat(grid.points()).isEqualTo(9);
    assertThat(grid.step()).isEqualTo(0.1);
    assertThat(grid.point(0)).isCloseTo(-0.4, within(1e-15));
    assertThat(grid.point(8)).isCloseTo(0.4, within(1e-15));
    assertThat(grid.infinite()).isCloseTo(0.1, within(1e-15));
    // The mean loss is only raised, by at most a step.
    double mean = 0.2 * 0.26 - 0.3 * 0.31 + 0.4 * 0.04;
    double on = 0;
    for (int i = 0; i < grid.points(); i++) {
      on += grid.mass()[i] * grid.point(i);
    }
    assertThat(on).isBetween(mean, mean + 0.01);
  }

  @Test
  void atomicPair_statesItsTradeOffAndDivergence() {
    double[] losses = {0.5, -0.2, 1.5};
    double[] masses = {0.3, 0.5, 0.2};
    AtomicPair pair = new AtomicPair(losses, masses, 0);
    assertThat(pair.delta(0.5)).isCloseTo(0.2 * (1 - Math.exp(-1)), within(1e-15));
    assertThat(pair.delta(-1))
        .isCloseTo(
            0.3 * (1 - Math.exp(-1.5)) + 0.5 * (1 - Math.exp(-0.8)) + 0.2 * (1 - Math.exp(-2.5)),
            within(1e-15));
    double moment = 0.3 * Math.exp(1.0) + 0.5 * Math.exp(-0.4) + 0.2 * Math.exp(3.0);
    assertThat(pair.renyi(3)).isCloseTo(Math.log(moment) / 2, within(1e-14));
    AtomicPair open = new AtomicPair(losses, new double[] {0.3, 0.5, 0.1}, 0.1);
    assertThat(open.renyi(3)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(open.delta(2)).isEqualTo(0.1);
    losses[0] = 9;
    masses[0] = 9;
    assertThat(pair.delta(1.5)).isZero();
  }

  @Test
  void mixedPair_isItsPartsByWeight() {
    AtomicPair one = new AtomicPair(new double[] {0.1, -0.1}, new double[] {0.5, 0.4}, 0.1);
    AtomicPair other = new AtomicPair(new double[] {0.3, -0.5}, new double[] {0.6, 0.2}, 0.2);
    MixedPair mixed = new MixedPair(one, other, 0.25);
    assertThat(mixed.lowest(0.1)).isEqualTo(-0.5);
    assertThat(mixed.highest(0.1)).isEqualTo(0.3);
    assertThat(mixed.highest(0.25)).isEqualTo(0.1);
    ConnectTheDots grid = ConnectTheDots.of(mixed, 0.1, 0.01);
    assertThat(grid.infinite()).isCloseTo(0.75 * 0.1 + 0.25 * 0.2, within(1e-15));
    assertThat(at(grid, 0.1)).isCloseTo(0.75 * 0.5, within(1e-12));
    assertThat(at(grid, -0.5)).isCloseTo(0.25 * 0.2, within(1e-12));
  }

  private static double at(ConnectTheDots grid, double loss) {
    int i = (int) (Math.round(loss / grid.step()) - grid.lowest());
    return grid.mass()[i];
  }

  /** What the parts are asked for: a tail of the whole is a larger one of the rarer part. */
  @Test
  void mixedPair_asksTheRarerPartForItsShareOfTheTail() {
    double[] asked = new double[1];
    LossPair other =
        new LossPair() {
          @Override
          public double lowest(double tail) {
            return -1;
          }

          @Override
          public double highest(double tail) {
            asked[0] = tail;
            return 1;
          }

          @Override
          public void discretise(ConnectTheDots grid) {}
        };
    LossPair one = new AtomicPair(new double[] {0}, new double[] {1}, 0);
    assertThat(new MixedPair(one, other, 0.5).highest(0.1)).isEqualTo(1);
    assertThat(asked[0]).isEqualTo(0.2);
  }

  @Test
  void cell_beyondDoubles_goesToItsUpperPoint() {
    ConnectTheDots grid = new ConnectTheDots(1, 699, 4);
    grid.cell(1, 0.5, 0.01);
    assertThat(grid.mass()[1]).isPositive();
    grid.cell(2, 0.5, 0);
    assertThat(grid.mass()[3]).isEqualTo(0.5);
    grid.cell(0, 0, 1);
    assertThat(grid.mass()[0]).isZero();
    // Rounding may leave more, or less, than the cell can hold.
    ConnectTheDots other = new ConnectTheDots(1, 0, 3);
    other.cell(0, 0.25, 1);
    other.cell(1, 0.25, -1e-18);
    assertThat(other.mass()).containsExactly(0, 0.5, 0);
  }

  @Test
  void logMoment_isThatOfTheSum() {
    for (double step : new double[] {1e-3, 0.25}) {
      ConnectTheDots grid = new ConnectTheDots(step, -70, 200);
      for (int i = 0; i < 200; i++) {
        if (i % 100 < 66) {
          grid.mass()[i] = 1.0 / (i + 1);
        }
      }
      for (double t : new double[] {-40, -1, 1e-6, 0.7, 3, 60}) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < 200; i++) {
          largest = Math.max(largest, t * grid.point(i));
        }
        double sum = 0;
        for (int i = 0; i < 200; i++) {
          sum += grid.mass()[i] * Math.exp(t * grid.point(i) - largest);
        }
        assertThat(grid.logMoment(t)).isCloseTo(largest + Math.log(sum), within(1e-11));
      }
    }
    assertThat(new ConnectTheDots(1, 0, 2).logMoment(1)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void logSum_isTheLogarithmOfTheSum() {
    LogSum sum = new LogSum();
    assertThat(sum.value()).isEqualTo(Double.NEGATIVE_INFINITY);
    sum.add(Double.NEGATIVE_INFINITY);
    assertThat(sum.value()).isEqualTo(Double.NEGATIVE_INFINITY);
    for (double term : new double[] {3, 5, 5, 1, 2}) {
      sum.add(Math.log(term) + 1000);
    }
    sum.add(Double.NEGATIVE_INFINITY);
    assertThat(sum.value()).isCloseTo(1000 + Math.log(16), within(1e-12));
  }
}
