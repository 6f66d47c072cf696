package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LedgerHistoryTest {
  private static final Budget BUDGET = new Budget("phones", Unit.USER, Relation.ZERO_OUT, 50, 1e-5);
  private static final PrivacyEvent SHARES =
      new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);
  private static final PrivacyEvent CENTRAL = new PrivacyEvent.DiscreteGaussian(8192, 26_000);
  private static final PrivacyEvent SAMPLED = new PrivacyEvent.PoissonSampled(0.01, CENTRAL);

  private final InMemoryLedgerStorage storage = new InMemoryLedgerStorage();

  private static double epsilon(PrivacyEvent event, int count, double delta) {
    return new RdpAccountant()
        .epsilon(List.of(new Charge(event, count)), delta, Unit.USER, Relation.ZERO_OUT)
        .epsilon();
  }

  /** Rounds 1 to {@code rounds}, each client in every second of them. */
  private LedgerHistory history(PrivacyEvent event, int rounds) {
    Ledger ledger = Ledger.create(storage, BUDGET);
    for (int round = 1; round <= rounds; round++) {
      ledger.reserve("task", round, event, (round + 1) / 2);
      ledger.commit("task", round);
    }
    return LedgerHistory.of(storage.load());
  }

  @Test
  void rows_ofSharesMadeByClients_areOneEpsilon() {
    ObserverRows rows = history(SHARES, 8).rows();
    double epsilon = epsilon(SHARES, 4, 1e-5);
    assertThat(rows.outsider().epsilon()).isEqualTo(epsilon);
    assertThat(rows.cohortMember().epsilon()).isEqualTo(epsilon);
    assertThat(rows.coordinator().orElseThrow().epsilon()).isEqualTo(epsilon);
  }

  /** Rule 2: only the outsider is amplified, and the coordinator sees sums before their noise. */
  @Test
  void rows_ofASampledEvent_amplifyForTheOutsiderAlone() {
    ObserverRows rows = history(SAMPLED, 8).rows();
    assertThat(rows.outsider().epsilon()).isEqualTo(epsilon(SAMPLED, 4, 1e-5));
    assertThat(rows.cohortMember().epsilon()).isEqualTo(epsilon(CENTRAL, 4, 1e-5));
    assertThat(rows.cohortMember().epsilon()).isGreaterThan(3 * rows.outsider().epsilon());
    assertThat(rows.coordinator()).isEmpty();
  }

  @Test
  void curve_standsWhereTheLedgerStoodAfterEachRound() {
    Ledger ledger = Ledger.create(storage, BUDGET);
    ledger.reserve("task", 1, SHARES, 1);
    ledger.commit("task", 1);
    double first = ledger.released().epsilon();
    ledger.reserve("task", 2, SHARES, 1);
    ledger.coordinatorSaw("task", 2);
    ledger.cancel("task", 2, "lost");
    ledger.reserve("task", 3, SHARES, 2);
    ledger.commit("task", 3);
    ledger.reserve("task", 4, SHARES, 3);
    LedgerHistory history = LedgerHistory.of(storage.load());
    double second = ledger.released().epsilon();
    assertThat(history.curve())
        .containsExactly(
            new LedgerHistory.Point(1, "task", 1, first, first),
            new LedgerHistory.Point(2, "task", 3, second, second));
    assertThat(history.cancelled()).isOne();
    assertThat(history.open()).isOne();
    assertThat(history.head()).isEqualTo(ledger.head());
    assertThat(history.released()).isEqualTo(ledger.released());
    assertThat(history.coordinatorView()).isEqualTo(ledger.coordinatorView());
    assertThat(history.reservedWorstCase()).isEqualTo(ledger.reservedWorstCase());
    assertThat(history.charges()).containsExactly(new Charge(SHARES, 2));
  }

  @Test
  void rows_whatIf_changeRoundsNoiseAndDelta() {
    LedgerHistory history = history(SHARES, 8);
    double z = LedgerHistory.noiseMultiplier(SHARES);
    ObserverRows longer = history.rows(OptionalInt.of(20), OptionalDouble.empty(), 1e-5);
    assertThat(longer.outsider().epsilon()).isEqualTo(epsilon(SHARES, 10, 1e-5));
    ObserverRows quieter = history.rows(OptionalInt.empty(), OptionalDouble.of(2 * z), 1e-7);
    PrivacyEvent doubled = new PrivacyEvent.DistributedDiscreteGaussian(8192, 5860, 84, 8192);
    assertThat(quieter.outsider().epsilon()).isCloseTo(epsilon(doubled, 4, 1e-7), within(1e-9));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> history.rows(OptionalInt.of(0), OptionalDouble.empty(), 1e-5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> history.rows(OptionalInt.empty(), OptionalDouble.of(0), 1e-5));
  }

  static List<PrivacyEvent> events() {
    PrivacyEvent.Gaussian gaussian = new PrivacyEvent.Gaussian(1.3);
    return List.of(
        gaussian,
        CENTRAL,
        SHARES,
        new PrivacyEvent.DistributedSkellam(8192, 1e7, 84, 8192),
        new PrivacyEvent.LocalDiscreteLaplace(10, 40),
        new PrivacyEvent.Laplace(2),
        SAMPLED,
        new PrivacyEvent.TruncatedPoissonSampled(0.05, 1000, 60, gaussian),
        new PrivacyEvent.FixedSizeSampled(1000, 50, 0, gaussian));
  }

  /** Noise three times as wide is a noise multiplier three times as large, and costs less. */
  @ParameterizedTest
  @MethodSource("events")
  void scaled_changesTheNoiseOfEveryEvent(PrivacyEvent event) {
    PrivacyEvent wide = EventNoise.scaled(event, 3);
    assertThat(EventNoise.multiplier(wide))
        .isCloseTo(3 * EventNoise.multiplier(event), within(1e-9 * EventNoise.multiplier(wide)));
    assertThat(epsilon(wide, 3, 1e-5)).isLessThan(epsilon(event, 3, 1e-5));
    assertThat(EventNoise.multiplier(new PrivacyEvent.NonPrivate())).isZero();
  }

  @Test
  void of_nothing_isDamage() {
    assertThatExceptionOfType(LedgerDamagedException.class)
        .isThrownBy(() -> LedgerHistory.of(List.of()));
  }

  @Test
  void curve_ofAClientsOwnLedger_hasEveryParticipation() {
    Ledger ledger = Ledger.create(storage, BUDGET);
    ledger.spend("task", 1, SHARES);
    ledger.spend("task", 2, SHARES);
    assertThat(LedgerHistory.of(storage.load()).curve()).hasSize(2);
  }

  @Test
  void rows_ofMoreThanCanBeCounted_areRefused() {
    LedgerHistory history = history(SHARES, 1);
    assertThat(history.rows(OptionalInt.of(1), OptionalDouble.of(1e-3), 1e-5)).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> history.rows(OptionalInt.of(-1), OptionalDouble.empty(), 1e-5))
        .withMessageContaining("rounds");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> history.rows(OptionalInt.empty(), OptionalDouble.of(-1), 1e-5))
        .withMessageContaining("noise");
    InMemoryLedgerStorage many = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(many, BUDGET);
    ledger.reserve("task", 1, SHARES, 2);
    ledger.commit("task", 1);
    LedgerHistory twice = LedgerHistory.of(many.load());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> twice.rows(OptionalInt.of(Integer.MAX_VALUE), OptionalDouble.empty(), 1e-5))
        .withMessageContaining("fewer");
  }

  @Test
  void rows_ofAnEventWithoutNoise_stayWithoutPromise() {
    Budget none =
        new Budget("phones", Unit.USER, Relation.ZERO_OUT, Double.POSITIVE_INFINITY, 1e-5);
    Ledger ledger = Ledger.create(storage, none);
    ledger.reserve("task", 1, new PrivacyEvent.NonPrivate(), 1);
    ledger.commit("task", 1);
    ObserverRows rows =
        LedgerHistory.of(storage.load()).rows(OptionalInt.empty(), OptionalDouble.of(5), 1e-5);
    assertThat(rows.outsider().epsilon()).isInfinite();
  }
}
