package dev.tributary.coordinator.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.OptimizerSpec;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FedAvgTest {
  private static FedAvg fedAvg(OptimizerSpec optimizer, int rounds, double decayFrom, int length) {
    return new FedAvg(
        new Job.ServerStrategy("fedavg", optimizer, decayFrom, Job.Denominator.COHORT),
        rounds,
        length);
  }

  @Test
  void apply_rateOne_addsTheMean() {
    FedAvg strategy = fedAvg(OptimizerSpec.sgd(1, 0, 0), 10, 1, 3);
    float[] parameters = {1, 2, 3};

    strategy.apply(1, parameters, new float[] {0.5f, -0.5f, 0}, 0, 3);

    assertThat(parameters).containsExactly(1.5f, 1.5f, 3);
  }

  /** v1 = u, p1 = r u; v2 = m v1 + u, p2 = p1 + r v2, block by block and with a restart between. */
  @Test
  void apply_momentum_carriesOverRoundsBlocksAndRestarts() {
    FedAvg first = fedAvg(OptimizerSpec.sgd(0.25, 0.9, 0), 10, 1, 4);
    float[] parameters = new float[4];
    first.apply(1, parameters, new float[] {1, 2, 3, 4}, 0, 2);
    first.apply(1, parameters, new float[] {1, 2, 3, 4}, 2, 4);
    first.endRound();
    FedAvg second = fedAvg(OptimizerSpec.sgd(0.25, 0.9, 0), 10, 1, 4);
    second.restore(first.state());

    second.apply(2, parameters, new float[] {1, 2, 3, 4}, 2, 4);
    second.apply(2, parameters, new float[] {1, 2, 3, 4}, 0, 2);

    for (int i = 0; i < 4; i++) {
      float u = i + 1;
      assertThat(parameters[i]).isCloseTo(0.25f * u + 0.25f * 1.9f * u, within(1e-5f));
    }
  }

  /** Three rounds in blocks with a restart are three rounds in one piece, for every optimizer. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sgd",
        "nesterov",
        "adam",
        "adamw",
        "rmsprop",
        "adagrad",
        "fedadagrad",
        "fedadam",
        "fedyogi"
      })
  void apply_anyOptimizer_carriesOverBlocksAndRestarts(String name) {
    OptimizerSpec spec = new OptimizerSpec(name, new TreeMap<>(Map.of("learningRate", 0.1)));
    float[] whole = new float[4];
    float[] parts = new float[4];
    FedAvg first = fedAvg(spec, 10, 1, 4);
    FedAvg second = fedAvg(spec, 10, 1, 4);
    for (int round = 1; round <= 3; round++) {
      first.apply(round, whole, new float[] {1, -2, 3, 4}, 0, 4);
      first.endRound();
      second.apply(round, parts, new float[] {1, -2, 3, 4}, 2, 4);
      second.apply(round, parts, new float[] {1, -2, 3, 4}, 0, 2);
      second.endRound();
      FedAvg restarted = fedAvg(spec, 10, 1, 4);
      restarted.restore(second.state());
      second = restarted;
    }
    assertThat(parts).containsExactly(whole);
    assertThat(whole[0]).isPositive();
    assertThat(whole[1]).isNegative();
  }

  @Test
  void rateFactor_decayFromHalf_fallsLinearlyToNothing() {
    FedAvg strategy = fedAvg(OptimizerSpec.sgd(1, 0, 0), 80, 0.5, 1);

    assertThat(strategy.rateFactor(1)).isEqualTo(1);
    assertThat(strategy.rateFactor(41)).isEqualTo(1);
    assertThat(strategy.rateFactor(61)).isEqualTo(0.5);
    assertThat(strategy.rateFactor(80)).isCloseTo(1 / 40.0, within(1e-12));
  }

  @Test
  void rateFactor_noDecay_isOneToTheEnd() {
    FedAvg strategy = fedAvg(OptimizerSpec.sgd(1, 0, 0), 80, 1, 1);

    assertThat(strategy.rateFactor(80)).isEqualTo(1);
  }
}
