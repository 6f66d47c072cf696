package dev.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.privacy.correlated.BandedToeplitz;
import dev.tributary.privacy.correlated.BinaryTree;
import dev.tributary.privacy.correlated.CorrelatedNoise;
import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Correlated noise in pipelines, accountants and ledgers: a run is one release. */
final class WholeRunTest {
  private static final Schedule SCHEDULE = new Schedule(20, 4, 5);
  private static final PrivacyEvent.Gaussian GAUSSIAN = new PrivacyEvent.Gaussian(1.5);
  private static final PrivacyEvent RUN = new PrivacyEvent.WholeRun(20, 4, 5, GAUSSIAN);
  private static final Budget BUDGET =
      new Budget("phones", Unit.USER, Relation.ADD_REMOVE, 50, 1e-5);

  private static double epsilon(PrivacyEvent event, int count) {
    return new RdpAccountant()
        .epsilon(List.of(new Charge(event, count)), 1e-5, Unit.USER, Relation.ADD_REMOVE)
        .epsilon();
  }

  private static Calibrator.Request request(double epsilon) {
    return new Calibrator.Request(
        epsilon, 1e-5, 4, 1000, 0.3, 84, 100, OptionalInt.empty(), Relation.ADD_REMOVE);
  }

  private static PipelineSpec spec(Strategy strategy, double z) {
    return new PipelineSpec(
        List.of(new Segment("update", 1000)),
        0.3,
        0.3 / 8192,
        24,
        100,
        new Mechanism.CentralCorrelated(z, strategy, SCHEDULE),
        Specs.SEED);
  }

  @Test
  void ledger_chargesARunOnce_howeverManyOfItsRoundsWere() {
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(storage, BUDGET);
    for (int round = 1; round <= 20; round++) {
      ledger.reserve("task", round, RUN, (round + 4) / 5);
      ledger.commit("task", round);
      assertThat(ledger.released().epsilon()).isEqualTo(epsilon(GAUSSIAN, 1));
    }
    ledger.reserve("another", 1, RUN, 1);
    assertThat(ledger.reservedWorstCase().epsilon()).isEqualTo(epsilon(GAUSSIAN, 2));
    ObserverRows rows = LedgerHistory.of(storage.load()).rows();
    assertThat(rows.outsider().epsilon()).isEqualTo(epsilon(GAUSSIAN, 1));
    assertThat(rows.coordinator()).isEmpty();
  }

  @Test
  void spend_ofOneRunSeveralTimes_costsItOnce() {
    double once = epsilon(GAUSSIAN, 1);
    Ledger ledger = Ledger.create(new InMemoryLedgerStorage(), BUDGET.withEpsilon(1.01 * once));
    for (int round = 1; round <= 4; round++) {
      ledger.spend("task", round, RUN);
      assertThat(ledger.released().epsilon()).isEqualTo(once);
    }
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> ledger.spend("another", 1, RUN));
    assertThat(ledger.released().epsilon()).isEqualTo(once);
  }

  @Test
  void event_isItsOwnText_andOfCentralNoiseAlone() {
    assertThat(PrivacyEvent.parse(RUN.canonical())).isEqualTo(RUN);
    assertThat(Charge.of(RUN, 4)).isEqualTo(new Charge(RUN, 1));
    assertThat(Charge.of(GAUSSIAN, 4)).isEqualTo(new Charge(GAUSSIAN, 4));
    PrivacyEvent shares = new PrivacyEvent.DistributedDiscreteGaussian(10, 1, 10, 16);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PrivacyEvent.WholeRun(20, 4, 5, shares));
    assertThat(EventNoise.multiplier(EventNoise.scaled(RUN, 2))).isEqualTo(3);
  }

  /** The calibrator's noise keeps the budget for the whole run, and no less would. */
  @Test
  void calibrated_costsTheBudget_forEveryStrategy() {
    for (Strategy strategy :
        List.of(new BinaryTree(true), new BandedToeplitz(5), new BandedToeplitz(1))) {
      Calibrator.Plan plan = Calibrator.centralCorrelated(request(3), strategy, SCHEDULE);
      assertThat(plan.guarantee().epsilon()).isBetween(3 * (1 - 1e-3), 3.0);
      assertThat(epsilon(new PrivacyEvent.Gaussian(plan.noiseMultiplier()), 1))
          .isCloseTo(plan.guarantee().epsilon(), within(1e-9));
    }
  }

  /** A block is released once, with the noise that it is given, through the inverse rotation. */
  @Test
  void decode_addsTheRoundsNoise_once() {
    PipelineSpec spec = spec(new BandedToeplitz(5), 2);
    UpdatePipeline pipeline = new UpdatePipeline(spec);
    double[] noise = new CorrelatedNoise(spec.correlated(), Seeds.noise(3)).next();
    float[] out = new float[1000];
    pipeline.decode(0, new int[pipeline.ringLength(0)], out, noise);
    double sent = 0;
    for (double value : noise) {
      sent += value * value;
    }
    double got = 0;
    for (float value : out) {
      got += Math.pow(value / spec.gridStep(), 2);
    }
    // The rotation keeps the norm; 24 of 1024 padded coordinates are dropped.
    assertThat(got / sent).isBetween(0.9, 1.0);
    assertThatIllegalStateException()
        .isThrownBy(() -> pipeline.decode(0, new int[pipeline.ringLength(0)], out, noise))
        .withMessageContaining("released already");
    UpdatePipeline fresh = new UpdatePipeline(spec);
    assertThatIllegalStateException()
        .isThrownBy(() -> fresh.decode(0, new int[1024], out, Seeds.noise(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fresh.decode(0, new int[1024], out, new double[3]));
    UpdatePipeline other = new UpdatePipeline(Specs.central(1000, 0.3, 2));
    assertThatIllegalStateException().isThrownBy(() -> other.decode(0, new int[1024], out, noise));
  }
}
