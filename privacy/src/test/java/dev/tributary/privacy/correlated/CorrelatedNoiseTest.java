package dev.tributary.privacy.correlated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.RdpAccountant;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Seeds;
import dev.tributary.privacy.Unit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class CorrelatedNoiseTest {
  private static final Schedule SCHEDULE = new Schedule(21, 3, 7);
  private static final int LENGTH = 2000;

  static List<Strategy> strategies() {
    return List.of(
        new BinaryTree(false),
        new BinaryTree(true),
        new BandedToeplitz(1),
        new BandedToeplitz(5),
        new BufferedToeplitz(new double[] {0.2, 0.05}, new double[] {0.9, 0.99}));
  }

  private static CorrelatedNoise.Run run(Strategy strategy) {
    return new CorrelatedNoise.Run(strategy, SCHEDULE, LENGTH, 1, 1000);
  }

  private static double sigma(Strategy strategy) {
    return 1000 * Math.sqrt(strategy.sensitivitySquared(SCHEDULE));
  }

  /**
   * The prefix sum that has most noise has the variance that is declared: 2000 coordinates, 6
   * standard errors, 2e-9 a strategy (normal approximation).
   */
  @ParameterizedTest
  @MethodSource("strategies")
  @Tag("statistical")
  void next_addsUpToTheDeclaredVariance(Strategy strategy) {
    CorrelatedNoise noise = new CorrelatedNoise(run(strategy), Seeds.noise(7));
    double[] prefix = new double[LENGTH];
    double most = 0;
    for (int t = 0; t < SCHEDULE.rounds(); t++) {
      double[] change = noise.next();
      double squares = 0;
      for (int i = 0; i < LENGTH; i++) {
        prefix[i] += change[i];
        squares += prefix[i] * prefix[i];
      }
      most = Math.max(most, squares / LENGTH);
    }
    double declared = strategy.maximumVariance(SCHEDULE.rounds());
    double unit = sigma(strategy) * sigma(strategy);
    // The largest of 21 estimates lies at most 6 standard errors above, and the one at the
    // greatest variance as little below.
    assertThat(most / unit / declared).isCloseTo(1, within(6 * Math.sqrt(2.0 / LENGTH)));
  }

  /** C applied to what was made gives back the draws of Z: the inverse is one. */
  @Test
  void toeplitz_appliedToTheNoise_isIndependentNoise() {
    BufferedToeplitz blt = new BufferedToeplitz(new double[] {0.2, 0.05}, new double[] {0.9, 0.99});
    BandedToeplitz banded = new BandedToeplitz(5);
    assertInverse(blt, blt.coefficients(SCHEDULE.rounds()));
    double[] c = new double[SCHEDULE.rounds()];
    System.arraycopy(Toeplitz.squareRoot(5), 0, c, 0, 5);
    assertInverse(banded, c);
  }

  private static void assertInverse(Strategy strategy, double[] c) {
    double[][] buffers = new double[strategy.buffers(c.length)][1];
    double[] z = new double[c.length];
    double[] y = new double[c.length];
    for (int t = 0; t < c.length; t++) {
      z[t] = Math.sin(t * t + 1.0);
      double drawn = z[t];
      y[t] = strategy.step(t, buffers, () -> new double[] {drawn})[0];
    }
    for (int t = 0; t < c.length; t++) {
      double sum = 0;
      for (int j = 0; j <= t; j++) {
        sum += c[j] * y[t - j];
      }
      assertThat(sum).as("round %s", t).isCloseTo(z[t], within(1e-12));
    }
  }

  /** Every prefix is a sum of nodes: with each draw 1 its noise is the number of its nodes. */
  @Test
  void tree_prefix_isASumOfAsManyNodesAsItHasBits() {
    for (boolean residuals : new boolean[] {false, true}) {
      BinaryTree tree = new BinaryTree(residuals);
      double[][] buffers = new double[tree.buffers(40)][1];
      double prefix = 0;
      for (int t = 0; t < 40; t++) {
        prefix += tree.step(t, buffers, () -> new double[] {1})[0];
        if (!residuals) {
          assertThat(prefix).as("prefix of %s", t + 1).isEqualTo(Integer.bitCount(t + 1));
        }
      }
    }
  }

  @Test
  void tree_withoutResiduals_staysOnTheGrid() {
    CorrelatedNoise noise =
        new CorrelatedNoise(
            new CorrelatedNoise.Run(new BinaryTree(false), SCHEDULE, 20, 1, 1000), Seeds.noise(8));
    for (int t = 0; t < SCHEDULE.rounds(); t++) {
      for (double value : noise.next()) {
        assertThat(value).isEqualTo(Math.rint(value));
      }
    }
  }

  /** Going on from a kept state gives the very numbers that the uninterrupted run gives. */
  @ParameterizedTest
  @MethodSource("strategies")
  void restore_atEveryRound_goesOnAsIfNothingHadHappened(Strategy strategy) {
    CorrelatedNoise.Run run = new CorrelatedNoise.Run(strategy, SCHEDULE, 3, 1, 50);
    NoiseSource source = Seeds.noise(9);
    CorrelatedNoise noise = new CorrelatedNoise(run, source);
    for (int t = 0; t < SCHEDULE.rounds(); t++) {
      CorrelatedNoise restored = CorrelatedNoise.restore(run, source, noise.state(), t);
      assertThat(restored.round()).isEqualTo(t);
      double[] expected = noise.next();
      assertThat(restored.next()).as("round %s", t).isEqualTo(expected);
      assertThat(restored.state()).isEqualTo(noise.state());
    }
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(noise::next)
        .withMessageContaining("run of 21 rounds is over");
  }

  /** Rounds that released nothing leave their noise in the sum, where the next ones cancel it. */
  @ParameterizedTest
  @MethodSource("strategies")
  void upTo_isTheSumOfTheRoundsThatWere(Strategy strategy) {
    CorrelatedNoise.Run run = new CorrelatedNoise.Run(strategy, SCHEDULE, 3, 1, 50);
    CorrelatedNoise each = new CorrelatedNoise(run, Seeds.noise(9));
    CorrelatedNoise some = new CorrelatedNoise(run, Seeds.noise(9));
    for (int to : new int[] {1, 4, 5, 21}) {
      double[] sum = new double[3];
      while (each.round() < to) {
        double[] change = each.next();
        for (int i = 0; i < 3; i++) {
          sum[i] += change[i];
        }
      }
      double[] together = some.upTo(to);
      for (int i = 0; i < 3; i++) {
        assertThat(together[i]).isCloseTo(sum[i], within(1e-9 * Math.abs(sum[i]) + 1e-9));
      }
      assertThat(some.state()).isEqualTo(each.state());
      assertThatExceptionOfType(NoiseStateException.class)
          .isThrownBy(() -> some.upTo(to))
          .withMessageContaining("was made");
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void canonical_ofAStrategy_readsBack(Strategy strategy) {
    assertThat(Strategy.parse(strategy.canonical())).isEqualTo(strategy);
    for (String bad :
        List.of(
            "",
            "tree",
            "binary-tree(residuals=perhaps)",
            "banded-toeplitz(bands=0)",
            "banded-toeplitz(bands=x)",
            "buffered-toeplitz()",
            "buffered-toeplitz(0x1.0p-1)",
            "buffered-toeplitz(0.5:0.5)",
            strategy.canonical() + " ",
            strategy.canonical().replace(")", ",1:1,1:1,1:1,1:1,1:1)"))) {
      assertThatIllegalArgumentException().as(bad).isThrownBy(() -> Strategy.parse(bad));
    }
  }

  @Test
  void restore_ofAnotherRoundRunOrLength_isRefused() {
    CorrelatedNoise.Run run = run(new BandedToeplitz(5));
    CorrelatedNoise noise = new CorrelatedNoise(run, Seeds.noise(1));
    byte[] older = noise.state();
    noise.next();
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(() -> CorrelatedNoise.restore(run, Seeds.noise(1), older, 1))
        .withMessageContaining("of round 0, the ledger of round 1");
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(
            () ->
                CorrelatedNoise.restore(
                    new CorrelatedNoise.Run(new BandedToeplitz(5), SCHEDULE, LENGTH, 1, 1001),
                    Seeds.noise(1),
                    older,
                    0))
        .withMessageContaining("another run: expected banded")
        .withMessageContaining(", came banded");
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(() -> CorrelatedNoise.restore(run, Seeds.noise(1), new byte[7], 0))
        .withMessageContaining("no kept noise: expected version 1, came 0");
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(
            () ->
                CorrelatedNoise.restore(
                    run, Seeds.noise(1), java.util.Arrays.copyOf(older, older.length - 1), 0))
        .withMessageContaining("bytes, came");
    byte[] forged = older.clone();
    forged[8] = 0x7f; // a name of two billion bytes
    assertThatExceptionOfType(NoiseStateException.class)
        .isThrownBy(() -> CorrelatedNoise.restore(run, Seeds.noise(1), forged, 0))
        .withMessageContaining("another run");
    assertThat(noise).hasToString("CorrelatedNoise[round 1, redacted]");
    noise.destroy();
    assertThatExceptionOfType(NoiseStateException.class).isThrownBy(noise::next);
  }

  @Test
  void run_tooLargeOrWithoutNoise_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new CorrelatedNoise.Run(
                    new BandedToeplitz(1000), new Schedule(2000, 1, 1), 1_000_000, 1, 1))
        .withMessageContaining("fewer bands");
    // The state of the longest run is one byte array.
    BinaryTree tree = new BinaryTree(true);
    int most = (1 << 27) / tree.buffers(SCHEDULE.rounds());
    new CorrelatedNoise.Run(tree, SCHEDULE, most, 1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CorrelatedNoise.Run(tree, SCHEDULE, most + 1, 1, 1))
        .withMessageContaining("2^27");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CorrelatedNoise.Run(new BinaryTree(true), SCHEDULE, 3, 1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new CorrelatedNoise.Run(new BinaryTree(true), SCHEDULE, 3, Double.NaN, 1));
  }

  /** Rows TS00 to TS04: the run of a tree is one Gaussian of width z / sqrt(sens^2). */
  @ParameterizedTest
  @CsvSource({
    "1024, 1, 1, 4, 1e-6, 4.2295413878442325",
    "1600, 1, 1, 7, 1e-6, 2.281145226263286",
    "160, 6, 24, 7, 1e-6, 7.580859732834317",
    "128, 4, 20, 10, 1e-5, 3.5344670587196028",
    "100, 3, 20, 3, 1e-5, 9.406481650857621"
  })
  void event_ofATree_costsWhatTheReferenceSays(
      int rounds, int k, int s, double node, double delta, double epsilon) {
    Schedule schedule = new Schedule(rounds, k, s);
    BinaryTree tree = new BinaryTree(false);
    double z = node / Math.sqrt(tree.sensitivitySquared(schedule));
    PrivacyEvent event = new CorrelatedNoise.Run(tree, schedule, 10, 5, z).event();
    assertThat(cost(List.of(new Charge(event, 1)), delta)).isCloseTo(epsilon, within(1e-7));
  }

  /** Rows TR00 to TR02: trees that are begun again compose, one participation in each. */
  @ParameterizedTest
  @CsvSource({"16;8;32, 5, 1e-6, 3.9200778582288445", "128, 2, 1e-5, 7.077391578166641"})
  void event_ofTreesBegunAgain_composes(String steps, double node, double delta, double epsilon) {
    BinaryTree tree = new BinaryTree(false);
    List<Charge> charges = new ArrayList<>();
    for (String rounds : steps.split(";")) {
      Schedule schedule = new Schedule(Integer.parseInt(rounds), 1, 1);
      double z = node / Math.sqrt(tree.sensitivitySquared(schedule));
      charges.add(new Charge(new CorrelatedNoise.Run(tree, schedule, 1, 1, z).event(), 1));
    }
    assertThat(cost(charges, delta)).isCloseTo(epsilon, within(1e-7));
  }

  private static double cost(List<Charge> charges, double delta) {
    return new RdpAccountant().epsilon(charges, delta, Unit.USER, Relation.ZERO_OUT).epsilon();
  }

  @Test
  void event_ofAToeplitzRun_isContinuous() {
    assertThat(run(new BandedToeplitz(5)).event()).isEqualTo(new PrivacyEvent.Gaussian(1000));
  }
}
