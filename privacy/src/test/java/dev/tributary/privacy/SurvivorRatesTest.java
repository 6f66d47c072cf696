package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples of a fixed size whose sum is released only if enough of them are there. */
final class SurvivorRatesTest {
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(1.5);

  private static double divergence(PrivacyEvent event, double order) {
    return RenyiCurve.of(event, Relation.REPLACE_ONE).at(order);
  }

  /**
   * ln E_Q[(P/Q)^order] of what an observer has who sees sums and how many they are of, in one
   * dimension: every sample of m of N is equally likely, the first a units are there, and the first
   * of them has 1 in P and -1 in Q. By enumeration and the trapezoidal rule, to 1e-9.
   */
  private static double exact(
      int n, int m, int floor, int a, double[] values, double z, int order) {
    List<List<Double>> p = new ArrayList<>();
    List<List<Double>> q = new ArrayList<>();
    for (int k = 0; k <= m; k++) {
      p.add(new ArrayList<>());
      q.add(new ArrayList<>());
    }
    int subsets = 0;
    for (int set = 0; set < 1 << n; set++) {
      if (Integer.bitCount(set) == m) {
        subsets++;
        int there = Integer.bitCount(set & ((1 << a) - 1));
        double others = 0;
        for (int unit = 1; unit < a; unit++) {
          others += (set >> unit & 1) * values[unit];
        }
        p.get(there).add(others + (set & 1));
        q.get(there).add(others - (set & 1));
      }
    }
    double moment = 0;
    for (int k = 0; k <= m; k++) {
      if (k < floor) {
        moment += (double) p.get(k).size() / subsets;
      } else if (!p.get(k).isEmpty()) {
        for (double x = -m - 30; x <= m + 30; x += 0.1) {
          double up = density(p.get(k), z, x);
          double down = density(q.get(k), z, x);
          if (up > 0 && down > 0) {
            double ratio = Math.log(up) - Math.log(down);
            moment += 0.1 * Math.exp(Math.log(down) + order * ratio) / subsets;
          }
        }
      }
    }
    return Math.log(moment);
  }

  private static double density(List<Double> means, double z, double x) {
    double sum = 0;
    for (double mean : means) {
      double t = (x - mean) / z;
      sum += Math.exp(-0.5 * t * t) / z / Math.sqrt(2 * Math.PI);
    }
    return sum;
  }

  /** Whoever is there, and whatever the others send: never more than is charged. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void bound_coversEveryAvailability(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 6 + random.nextInt(4);
    int m = 2 + random.nextInt(n - 3);
    int floor = 1 + random.nextInt(m);
    double z = 1.5 + 2 * random.nextDouble();
    PrivacyEvent event =
        new PrivacyEvent.FixedSizeSampled(n, m, floor, new PrivacyEvent.Gaussian(z));
    for (int a = 1; a <= n; a++) {
      double[] values = random.doubles(n, -1, 1).map(Math::rint).toArray();
      for (int order : new int[] {2, 3, 5, 8}) {
        double charged = (order - 1) * divergence(event, order);
        assertThat(exact(n, m, floor, a, values, z, order))
            .as("seed %s: %s with %s there, order %s", seed, event, a, order)
            .isLessThanOrEqualTo(charged * (1 + 1e-9) + 1e-9);
      }
    }
  }

  /**
   * Three there of ten, and all three must be drawn: at high orders the plain rate is too little.
   */
  @Test
  void withoutTheFloor_tooLittleWouldBeCharged() {
    PrivacyEvent.Gaussian noise = new PrivacyEvent.Gaussian(0.6);
    double truth = exact(10, 3, 3, 3, new double[10], 0.6, 8);
    PrivacyEvent plain = new PrivacyEvent.FixedSizeSampled(60, 3, 0, noise);
    PrivacyEvent charged = new PrivacyEvent.FixedSizeSampled(10, 3, 3, noise);
    assertThat(truth).isLessThanOrEqualTo(7 * divergence(charged, 8));
    // The same of 60: the three are all drawn once in 34,220 times, and then nothing hides them.
    double rare = Math.log1p(Math.expm1(truth) * 120 / 34_220);
    assertThat(rare).isGreaterThan(7 * divergence(plain, 8));
    assertThat(rare)
        .isLessThanOrEqualTo(7 * divergence(new PrivacyEvent.FixedSizeSampled(60, 3, 3, noise), 8));
  }

  /** What a floor costs where cohorts are large: up to a few per cent of epsilon. */
  @ParameterizedTest
  @CsvSource({"1000, 100, 85, 1.05", "10000, 100, 50, 1.2", "1000, 200, 150, 1.04"})
  void floor_costsLittle_andNeverNothingLess(int n, int m, int floor, double most) {
    PrivacyEvent noise = new PrivacyEvent.DiscreteGaussian(8192, 8192 * 3);
    double without = epsilon(new PrivacyEvent.FixedSizeSampled(n, m, 0, noise));
    double with = epsilon(new PrivacyEvent.FixedSizeSampled(n, m, floor, noise));
    assertThat(with / without).isBetween(1.0, most);
    assertThat(with).isLessThan(0.7 * epsilon(noise));
  }

  private static double epsilon(PrivacyEvent event) {
    List<Charge> charges = List.of(new Charge(event, 40));
    return new RdpAccountant().epsilon(charges, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon();
  }

  /** Rule 7: at integer shifts discrete noise has the moments of continuous noise. */
  @Test
  void discreteNoise_isChargedAsContinuousNoiseOfItsWidth() {
    PrivacyEvent discrete = new PrivacyEvent.DiscreteGaussian(64, 96);
    for (double order : new double[] {2, 3, 7.5, 20, 300}) {
      assertThat(divergence(new PrivacyEvent.FixedSizeSampled(100, 10, 8, discrete), order))
          .isCloseTo(
              divergence(new PrivacyEvent.FixedSizeSampled(100, 10, 8, GAUSSIAN), order),
              within(1e-12));
    }
  }

  @Test
  void moments_areThoseOfTheHypergeometric() {
    PrivacyEvent.FixedSizeSampled sampled = new PrivacyEvent.FixedSizeSampled(50, 12, 5, GAUSSIAN);
    List<SurvivorRates> rates = SurvivorRates.of(sampled);
    assertThat(rates).hasSize(12); // 5, 6, 7, 8, 10, ... there
    int a = 5;
    for (SurvivorRates rate : rates) {
      assertThat(Math.exp(rate.logMoment(1))).isCloseTo(12 / 50.0, within(1e-12));
      double variance = 12.0 / a / a * (a / 50.0) * (1 - a / 50.0) * 38 / 49;
      double second = 0.24 * 0.24 + variance;
      assertThat(Math.exp(rate.logMoment(2))).isCloseTo(second, within(1e-12));
      a += Math.max(1, a / 4);
    }
    assertThat(rates.get(0).logFewer()).isEqualTo(Double.NEGATIVE_INFINITY);
    // 5 of 12 drawn among 10 of 50, or more: 1 - P[4 or fewer], by the definition.
    double atMostFour = 0;
    for (int k = 0; k <= 4; k++) {
      atMostFour += choose(10, k) * choose(40, 12 - k) / choose(50, 12);
    }
    assertThat(Math.exp(rates.get(4).logFewer())).isCloseTo(1 - atMostFour, within(1e-12));
    // Of 41 at least 3 are drawn.
    double threeOrFour = 0;
    for (int k = 3; k <= 4; k++) {
      threeOrFour += choose(41, k) * choose(9, 12 - k) / choose(50, 12);
    }
    assertThat(Math.exp(rates.get(11).logFewer())).isCloseTo(1 - threeOrFour, within(1e-12));
  }

  private static double choose(int n, int k) {
    double value = 1;
    for (int i = 0; i < k; i++) {
      value = value * (n - i) / (i + 1);
    }
    return value;
  }

  @Test
  void sampleOfAll_isNone() {
    assertThat(divergence(new PrivacyEvent.FixedSizeSampled(10, 10, 10, GAUSSIAN), 4))
        .isCloseTo(divergence(GAUSSIAN, 4), within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.FixedSizeSampled(10, 5, 6, GAUSSIAN))
        .withMessageContaining("floor or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.FixedSizeSampled(10, 5, -1, GAUSSIAN));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PrivacyEvent.FixedSizeSampled(
                    10, 5, 5, new PrivacyEvent.DistributedDiscreteGaussian(1, 1, 5, 8)));
  }

  /** Whoever knows the cohorts has no amplification: not the members, not the coordinator. */
  @Test
  void ledger_amplifiesForTheOutsiderAlone() {
    PrivacyEvent noise = new PrivacyEvent.DiscreteGaussian(8192, 8192 * 4);
    CohortSampling sampling = new CohortSampling.FixedSize(1000, 100, 85);
    Budget budget = new Budget("phones", Unit.USER, Relation.REPLACE_ONE, 2, 1e-5);
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(storage, budget);
    for (int round = 1; round <= 5; round++) {
      ledger.reserve("task", round, sampling.event(noise), sampling.participations(round));
      if (round == 3) {
        ledger.cancel("task", round, "too few of the sample were there");
      } else {
        ledger.commit("task", round);
      }
    }
    double amplified = epsilon(sampling.event(noise), 5);
    double known = epsilon(noise, 5);
    assertThat(ledger.released().epsilon()).as("the third counts").isEqualTo(amplified);
    assertThat(ledger.coordinatorView().epsilon()).isEqualTo(known).isGreaterThan(2 * amplified);
    LedgerHistory history = LedgerHistory.of(storage.load());
    assertThat(history.rows().outsider()).isEqualTo(ledger.released());
    assertThat(history.rows().cohortMember().epsilon()).isEqualTo(known);
    assertThat(history.rows().coordinator()).isEmpty();
    assertThat(history.coordinatorView()).isEqualTo(ledger.coordinatorView());
    assertThat(history.curve().get(3).coordinatorView()).isEqualTo(known);
  }

  private static double epsilon(PrivacyEvent event, int count) {
    return new RdpAccountant()
        .epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, Relation.REPLACE_ONE)
        .epsilon();
  }
}
