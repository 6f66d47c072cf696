package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job.TrainingSeconds;
import dev.tributary.wire.Seed;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainingTimesTest {
  private static final Seed SEED = Experiment.rootSeed(1);
  private static final int CLIENTS = 20_000;

  private static IntToDoubleFunction of(TrainingSeconds described) {
    IntToDoubleFunction times = TrainingTimes.of(described, null, SEED);
    assertThat(times).isNotNull();
    return times;
  }

  private static long below(IntToDoubleFunction times, double bound) {
    return IntStream.range(0, CLIENTS).filter(i -> times.applyAsDouble(i) < bound).count();
  }

  /**
   * Below the median lie 10,000 of 20,000, standard deviation 71; below one sigma more 16,827,
   * standard deviation 52; below two 19,545, standard deviation 21. Each is within six of them
   * except with probability 2e-9.
   */
  @Test
  void lognormal_hasItsQuantiles() {
    IntToDoubleFunction times = of(new TrainingSeconds.Lognormal(20, 0.8));
    assertThat(below(times, 20)).isBetween(10_000L - 425, 10_000L + 425);
    assertThat(below(times, 20 * Math.exp(0.8))).isBetween(16_827L - 310, 16_827L + 310);
    assertThat(below(times, 20 * Math.exp(1.6))).isBetween(19_545L - 127, 19_545L + 127);
    assertThat(below(times, 0)).isZero();
  }

  /** A quarter lies below 2: standard deviation 61; within six except with probability 2e-9. */
  @Test
  void uniform_isEvenBetweenItsEnds() {
    IntToDoubleFunction times = of(new TrainingSeconds.Uniform(1, 5));
    assertThat(below(times, 1)).isZero();
    assertThat(below(times, 5)).isEqualTo(CLIENTS);
    assertThat(below(times, 2)).isBetween(5_000L - 367, 5_000L + 367);
  }

  @Test
  void constant_isTheSameForAll() {
    IntToDoubleFunction times = of(new TrainingSeconds.Constant(7));
    assertThat(below(times, 7)).isZero();
    assertThat(times.applyAsDouble(123)).isEqualTo(7);
  }

  /** No draw without bounds: a median and sigma at the ends of what a job may say. */
  @Test
  void times_areFinite_andDependOnSeedAndClientAlone() {
    IntToDoubleFunction wild = of(new TrainingSeconds.Lognormal(1e6, 10));
    assertThat(IntStream.range(0, CLIENTS).mapToDouble(wild).max()).hasValue(1e6);
    IntToDoubleFunction times = of(new TrainingSeconds.Lognormal(20, 0.8));
    double last = times.applyAsDouble(CLIENTS);
    assertThat(of(new TrainingSeconds.Lognormal(20, 0.8)).applyAsDouble(CLIENTS)).isEqualTo(last);
    IntToDoubleFunction other =
        TrainingTimes.of(new TrainingSeconds.Lognormal(20, 0.8), null, Experiment.rootSeed(2));
    assertThat(other).isNotNull();
    assertThat(other.applyAsDouble(CLIENTS)).isNotEqualTo(last);
  }

  @Test
  void latencyModel_takesThemForTrainingAlone() {
    LatencyModel before = new LatencyModel(SEED);
    LatencyModel model = new LatencyModel(SEED, client -> 3 + client);
    assertThat(model.clientJobNanos(4, "train")).isEqualTo(7_000_000_000L);
    assertThat(model.clientJobNanos(4, "keys")).isEqualTo(before.clientJobNanos(4, "keys"));
    assertThat(before.clientJobNanos(4, "train")).isBetween(500_000_000L, 1_500_000_000L);
    assertThat(TrainingTimes.of(null, null, SEED)).isNull();
  }
}
