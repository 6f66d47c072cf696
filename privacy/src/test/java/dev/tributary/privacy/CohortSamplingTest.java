package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.privacy.CohortSampling.Independent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is accounted for is what was drawn. */
final class CohortSamplingTest {
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(1.1);
  private static final int ROUNDS = 400;

  /** A sampling of each kind, of random shape. */
  private static List<Independent> samplings(long seed, int population) {
    SplittableRandom random = new SplittableRandom(seed);
    double rate = 0.02 + 0.6 * random.nextDouble();
    int mean = (int) Math.ceil(rate * population);
    return List.of(
        new CohortSampling.Poisson(rate),
        new CohortSampling.TruncatedPoisson(rate, population, Math.max(1, mean)),
        new CohortSampling.FixedSize(population, mean, 0));
  }

  /**
   * The event alone, read back from its text as a ledger keeps it, says how the drawn cohorts must
   * look: never another population, cap or size, and every unit drawn at the event's rate. A count
   * of all draws is within 6 standard deviations: 2e-9 each by normal approximation, 1e-7 for all.
   */
  @DisplayName("P13, P14: cohorts look as the event says that the accountant composes")
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  @Tag("statistical")
  void draw_keepsToTheEventThatIsComposed(long seed) {
    int population = 40 + (int) (13 * seed);
    for (Independent sampling : samplings(seed, population)) {
      PrivacyEvent event = PrivacyEvent.parse(sampling.event(GAUSSIAN).canonical());
      List<List<Integer>> cohorts = new ArrayList<>();
      try (BitStream bits = Seeds.noise(seed).open("cohorts")) {
        for (int round = 0; round < ROUNDS; round++) {
          cohorts.add(sampling.draw(population, bits));
        }
      }
      String what = "seed " + seed + ": " + event.canonical();
      for (List<Integer> cohort : cohorts) {
        assertThat(new HashSet<>(cohort)).as(what).hasSize(cohort.size());
        assertThat(cohort).as(what).allMatch(unit -> unit >= 0 && unit < population);
      }
      int drawn = cohorts.stream().mapToInt(List::size).sum();
      int most = cohorts.stream().mapToInt(List::size).max().orElseThrow();
      if (event instanceof PrivacyEvent.FixedSizeSampled fixed) {
        assertThat(fixed.population()).isEqualTo(population);
        assertThat(cohorts).as(what).allMatch(cohort -> cohort.size() == fixed.sample());
      } else if (event instanceof PrivacyEvent.TruncatedPoissonSampled truncated) {
        assertThat(truncated.population()).isEqualTo(population);
        assertThat(most).as(what).isLessThanOrEqualTo(truncated.cap());
        assertThat((double) drawn)
            .as(what)
            .isLessThan(
                expected(truncated.rate(), population) + slack(truncated.rate(), population));
      } else {
        double rate = ((PrivacyEvent.PoissonSampled) event).rate();
        assertThat(Math.abs(drawn - expected(rate, population)))
            .as(what)
            .isLessThan(slack(rate, population));
      }
      assertThat(sampling.participations(ROUNDS)).isEqualTo(ROUNDS);
    }
  }

  private static double expected(double rate, int population) {
    return rate * population * ROUNDS;
  }

  private static double slack(double rate, int population) {
    return 6 * Math.sqrt(rate * (1 - rate) * population * ROUNDS);
  }

  /** A batch of the same size every time is not a Poisson sample, and a shuffle is no sample. */
  @DisplayName("P13: each way to draw has an event of its own, and none passes for Poisson")
  @Test
  void fixedSizeAndSchedule_areNotAccountedForAsPoisson() {
    PrivacyEvent poisson = new CohortSampling.Poisson(0.2).event(GAUSSIAN);
    PrivacyEvent fixed = new CohortSampling.FixedSize(50, 10, 0).event(GAUSSIAN);
    PrivacyEvent schedule = new CohortSampling.Schedule(8, 5).event(GAUSSIAN);
    assertThat(poisson).isEqualTo(new PrivacyEvent.PoissonSampled(0.2, GAUSSIAN));
    assertThat(fixed).isEqualTo(new PrivacyEvent.FixedSizeSampled(50, 10, 0, GAUSSIAN));
    assertThat(schedule).isEqualTo(GAUSSIAN);
    Accountant accountant = new RdpAccountant();
    List<Charge> asPoisson = List.of(new Charge(poisson, 100));
    List<Charge> asDrawn = List.of(new Charge(fixed, 100));
    double claimed = accountant.epsilon(asPoisson, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon();
    assertThat(accountant.epsilon(asDrawn, 1e-5, Unit.USER, Relation.REPLACE_ONE).epsilon())
        .isGreaterThan(claimed);
    assertThatThrownBy(() -> accountant.epsilon(asDrawn, 1e-5, Unit.USER, Relation.ADD_REMOVE))
        .isInstanceOf(RelationException.class);
  }

  /** A sample of 5 of 10 passes for a rate of 5 in a million only if nobody holds it to both. */
  @DisplayName("P14: the rate is that of the enrolled population, whoever else there is")
  @Test
  void population_otherThanDeclared_isNotDrawnFrom() {
    Independent fixed = new CohortSampling.FixedSize(1_000_000, 5, 0);
    Independent truncated = new CohortSampling.TruncatedPoisson(5e-6, 1_000_000, 40);
    try (BitStream bits = Seeds.noise(9).open("cohorts")) {
      for (Independent sampling : List.of(fixed, truncated)) {
        for (int enrolled : new int[] {10, 1_000_001}) {
          if (sampling == fixed || enrolled > 1_000_000) {
            assertThatIllegalArgumentException()
                .as("%s of %s", sampling, enrolled)
                .isThrownBy(() -> sampling.draw(enrolled, bits));
          }
        }
      }
    }
  }

  /**
   * Coins of one round are independent: the size of a Poisson cohort varies as a binomial does. Its
   * sample variance over 4,000 cohorts is within 6 standard errors, sqrt(2 / 4000): 2e-9.
   */
  @Test
  @Tag("statistical")
  void poisson_sizesVaryAsABinomial() {
    Independent sampling = new CohortSampling.Poisson(0.3);
    double squares = 0;
    try (BitStream bits = Seeds.noise(77).open("cohorts")) {
      for (int i = 0; i < 4000; i++) {
        double off = sampling.draw(100, bits).size() - 30;
        squares += off * off;
      }
    }
    double off = squares / 4000 / (100 * 0.3 * 0.7) - 1;
    assertThat(Math.abs(off)).isLessThan(6 * Math.sqrt(2.0 / 4000));
  }

  /** Every unit is equally likely in samples that push others out: 6 standard deviations, 1e-7. */
  @Test
  @Tag("statistical")
  void samples_favourNobody() {
    for (Independent sampling :
        List.of(
            new CohortSampling.FixedSize(50, 20, 0),
            new CohortSampling.TruncatedPoisson(0.5, 50, 20))) {
      int[] counts = new int[50];
      int drawn = 0;
      try (BitStream bits = Seeds.noise(5).open("cohorts")) {
        for (int i = 0; i < 5000; i++) {
          for (int unit : sampling.draw(50, bits)) {
            counts[unit]++;
            drawn++;
          }
        }
      }
      double mean = drawn / 50.0;
      for (int count : counts) {
        assertThat(Math.abs(count - mean)).as("%s", sampling).isLessThan(6 * Math.sqrt(mean));
      }
    }
  }

  /** Bits that begin as the rate does go on to the next word; then the rate has no more digits. */
  @Test
  void coin_comparesAllDigitsOfTheRate() {
    assertThat(coin(0.5, Long.MIN_VALUE)).isFalse();
    assertThat(coin(0.5, Long.MAX_VALUE)).isTrue();
    assertThat(coin(0.75, 0xC000000000000000L)).isFalse();
    assertThat(coin(0.75, 0xBFFFFFFFFFFFFFFFL)).isTrue();
    // 2^-65: 64 digits are 0, then comes a 1.
    assertThat(coin(0x1p-65, 0, Long.MAX_VALUE)).isTrue();
    assertThat(coin(0x1p-65, 0, Long.MIN_VALUE)).isFalse();
    assertThat(coin(0x1p-65, 1)).isFalse();
    assertThat(coin(1)).isTrue();
    assertThat(coin(0)).isFalse();
  }

  private static boolean coin(double rate, long... words) {
    int[] next = {0};
    BitStream bits =
        new BitStream() {
          @Override
          public long nextLong() {
            return words[next[0]++];
          }

          @Override
          public void close() {}
        };
    boolean heads = SecretCoins.coin(rate, bits);
    assertThat(next[0]).isEqualTo(words.length);
    return heads;
  }

  /** A schedule is charged as declared, without amplification. */
  @Test
  void schedule_emitsTheReleaseItself() {
    CohortSampling schedule = new CohortSampling.Schedule(8, 5);
    PrivacyEvent shares = new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);
    assertThat(schedule.event(shares)).isEqualTo(shares);
    assertThat(schedule.participations(80)).isEqualTo(8);
    assertThat(schedule.participations(16)).isEqualTo(4);
    assertThat(new CohortSampling.Poisson(1).event(shares)).isEqualTo(shares);
  }

  /** Rule 1 and rule 7: what has no bound cannot be written down. */
  @Test
  void event_withoutABound_isRefused() {
    PrivacyEvent shares = new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);
    PrivacyEvent discrete = new PrivacyEvent.DiscreteGaussian(10, 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CohortSampling.Poisson(0.5).event(shares));
    assertThat(new CohortSampling.Poisson(0.5).event(discrete))
        .isEqualTo(new PrivacyEvent.PoissonSampled(0.5, discrete));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CohortSampling.TruncatedPoisson(0.5, 100, 60).event(discrete))
        .withMessageContaining("no bound is known");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CohortSampling.FixedSize(100, 60, 0).event(shares));
    try (BitStream bits = Seeds.noise(1).open("cohorts")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CohortSampling.FixedSize(100, 60, 0).draw(99, bits))
          .withMessageContaining("100 units, and 99 are enrolled");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CohortSampling.TruncatedPoisson(0.5, 100, 60).draw(101, bits));
    }
  }
}
