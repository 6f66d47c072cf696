package dev.tributary.privacy.correlated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sensitivities and variances against values computed elsewhere, with each row's source. */
final class StrategyTest {
  /**
   * Rows TS00 to TS04 of the reference (TensorFlow Privacy's tree accountant), then small ones by
   * trying every pattern; the last but one took the former over 50 s. The last is 32 rounds that
   * fill a node: 32 (1 + 2 + ... + 32), and 32 * 32 for each of the 15 nodes above it.
   */
  @ParameterizedTest
  @CsvSource({
    "1024, 1, 1, 11",
    "1600, 1, 1, 11",
    "160, 6, 24, 94",
    "128, 4, 20, 60",
    "100, 3, 20, 29",
    "13, 3, 2, 20",
    "16, 4, 3, 40",
    "22, 3, 5, 23",
    "15, 5, 1, 56",
    "20, 4, 4, 36",
    "2052, 6, 341, 122",
    "1048576, 32, 1, 17376"
  })
  void tree_sensitivity_isThatOfTheWorstPattern(int rounds, int k, int s, double squared) {
    Schedule schedule = new Schedule(rounds, k, s);
    assertThat(new BinaryTree(false).sensitivitySquared(schedule)).isEqualTo(squared);
    assertThat(new BinaryTree(true).sensitivitySquared(schedule)).isEqualTo(squared);
  }

  /** Rows MF00 to MF02: own NumPy and mpmath sums. */
  @ParameterizedTest
  @CsvSource({
    "128, 16, 8, 15.551030777254164, 7.6337815960020805, 2.6101038647749761",
    "1024, 64, 8, 19.110784866363474, 14.321728631983632, 3.2725541502731325",
    "2048, 342, 6, 17.536179481983243, 6.9498145373534435, 3.4932286006779999"
  })
  void banded_isThatOfTheReference(
      int rounds, int bands, int k, double sensitivity, double variance, double whole) {
    BandedToeplitz banded = new BandedToeplitz(bands);
    assertThat(banded.sensitivitySquared(new Schedule(rounds, k, bands)))
        .isCloseTo(sensitivity, withinPercentage(1e-7));
    assertThat(banded.maximumVariance(rounds)).isCloseTo(variance, withinPercentage(1e-6));
    BandedToeplitz full = new BandedToeplitz(rounds);
    assertThat(full.sensitivitySquared(new Schedule(rounds, 1, 1)))
        .isCloseTo(whole, withinPercentage(1e-8));
    assertThat(full.maximumVariance(rounds)).isCloseTo(whole, withinPercentage(1e-8));
  }

  /**
   * With as many bands as rounds between two of a client's, its columns do not overlap, and the
   * sensitivity is that of k single ones; with one band more it is not.
   */
  @DisplayName("P27: as many bands as rounds between two of a client's, and none more")
  @Test
  void banded_asWideAsTheSeparation_hasNoOverlap() {
    double[] c = Toeplitz.squareRoot(16);
    double one = 0;
    for (double value : c) {
      one += value * value;
    }
    Schedule schedule = new Schedule(200, 8, 16);
    assertThat(new BandedToeplitz(16).sensitivitySquared(schedule))
        .isCloseTo(8 * one, withinPercentage(1e-10));
    assertThat(new BandedToeplitz(17).sensitivitySquared(schedule)).isGreaterThan(8.2 * one);
  }

  /** Rows BL00 to BL02: own NumPy. */
  @Test
  void blt_isThatOfTheReference() {
    check(
        new double[] {0.25},
        new double[] {0.9},
        100,
        1,
        100,
        1.3289473681345405,
        10.21291633536531,
        6.143978882383336);
    check(
        new double[] {0.2, 0.05},
        new double[] {0.9, 0.99},
        1000,
        1,
        1000,
        1.519640694786207,
        19.633006041200353,
        11.755825813865654);
    check(
        new double[] {0.15, 0.06, 0.02},
        new double[] {0.85, 0.98, 0.999},
        2000,
        5,
        400,
        10.423810284552514,
        10.508604359901925,
        8.57447405422297);
  }

  private static void check(
      double[] omega,
      double[] theta,
      int n,
      int k,
      int s,
      double squared,
      double max,
      double mean) {
    BufferedToeplitz blt = new BufferedToeplitz(omega, theta);
    assertThat(blt.sensitivitySquared(new Schedule(n, k, s)))
        .isCloseTo(squared, withinPercentage(1e-6));
    assertThat(blt.maximumVariance(n)).isCloseTo(max, withinPercentage(1e-6));
    assertThat(blt.meanVariance(n)).isCloseTo(mean, withinPercentage(1e-6));
  }

  /**
   * The best known by Nelder and Mead in NumPy: 3.865, 3.330 and 3.278 for 1 to 3 buffers at 1024
   * rounds, where the square root has 3.2726 and independent noise 32.
   */
  @ParameterizedTest
  @CsvSource({"1, 3.8655", "2, 3.3305", "3, 3.2785", "4, 3.2785"})
  void blt_optimised_reachesTheBestKnown(int buffers, double most) {
    Schedule schedule = new Schedule(1024, 1, 1024);
    BufferedToeplitz blt = BufferedToeplitz.optimised(buffers, schedule);
    double error = Math.sqrt(blt.sensitivitySquared(schedule) * blt.maximumVariance(1024));
    assertThat(error).isBetween(3.2, most);
  }

  /** Many participations: three buffers beat independent noise and the tree. */
  @Test
  void blt_optimisedForASchedule_beatsIndependentNoiseAndTree() {
    Schedule schedule = new Schedule(400, 8, 50);
    double blt = error(BufferedToeplitz.optimised(3, schedule), schedule);
    assertThat(blt).isLessThan(0.5 * error(new BandedToeplitz(1), schedule));
    assertThat(blt).isLessThan(error(new BinaryTree(true), schedule));
  }

  private static double error(Strategy strategy, Schedule schedule) {
    return Math.sqrt(
        strategy.sensitivitySquared(schedule) * strategy.maximumVariance(schedule.rounds()));
  }

  @Test
  void residuals_lowerTheNoiseOfATree() {
    assertThat(new BinaryTree(false).maximumVariance(1024)).isEqualTo(10);
    double sum = 0;
    for (int h = 0; h < 10; h++) {
      sum += (1 << h) / ((2 << h) - 1.0);
    }
    assertThat(new BinaryTree(true).maximumVariance(1024)).isCloseTo(sum, withinPercentage(1e-10));
  }

  /** The pattern that is taken for the worst is, among all patterns of short runs. */
  @Test
  void toeplitz_sensitivity_isTheWorstOverAllPatterns() {
    for (Schedule schedule :
        List.of(new Schedule(12, 3, 2), new Schedule(14, 4, 3), new Schedule(10, 10, 1))) {
      double[] c =
          new BufferedToeplitz(new double[] {0.3, 0.1}, new double[] {0.8, 0.95})
              .coefficients(schedule.rounds());
      double worst = worst(c, schedule, new double[schedule.rounds()], 0, 0);
      assertThat(Toeplitz.sensitivitySquared(c, schedule))
          .isCloseTo(worst, withinPercentage(1e-10));
    }
  }

  private static double worst(double[] c, Schedule schedule, double[] sum, int count, int from) {
    double squared = 0;
    for (double value : sum) {
      squared += value * value;
    }
    for (int at = from; at < sum.length && count < schedule.participations(); at++) {
      double[] next = sum.clone();
      for (int t = at; t < next.length; t++) {
        next[t] += c[t - at];
      }
      squared = Math.max(squared, worst(c, schedule, next, count + 1, at + schedule.separation()));
    }
    return squared;
  }

  @Test
  void parametersThatAreNone_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Toeplitz.sensitivitySquared(new double[] {1, 0.2, 0.3}, new Schedule(3, 1, 1)))
        .withMessageContaining("must not rise: coefficient 2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Toeplitz.sensitivitySquared(new double[] {1, -0.2}, new Schedule(3, 1, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new BandedToeplitz(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BufferedToeplitz(new double[] {0.9, 0.2}, new double[] {0.5, 0.6}))
        .withMessageContaining("at most 1 together");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BufferedToeplitz(new double[] {0.9}, new double[] {1}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BufferedToeplitz(new double[5], new double[5]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BufferedToeplitz.optimised(5, new Schedule(10, 1, 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(0, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(1, 1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Schedule((1 << 20) + 1, 1, 1));
  }
}
