package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import org.junit.jupiter.api.Test;

/**
 * Two clients whose losses are curved differently: the mean of long local trainings stops beside
 * the best line of both, and control variates (Karimireddy et al. 2020, algorithm 1, option II)
 * lead there.
 */
final class ScaffoldHookTest {
  private static final Engine JAVA = Engines.byName("java");
  private static final double RATE = 0.02;
  private static final int STEPS = 30;
  private static final ModelSpec LINE =
      ModelSpec.builder(1).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
  private static final TrainingConfig CONFIG =
      new TrainingConfig(STEPS, 4, OptimizerSpec.sgd(RATE, 0, 0), LocalMethod.sgd());
  private static final Dataset[] CLIENTS = {
    rows(new float[] {1, 2, 3, 4}, new float[] {2, 4, 6, 8}),
    rows(new float[] {-1, 0, 0.5f, 1}, new float[] {4, 1, -0.5f, -2})
  };

  private static Dataset rows(float[] x, float[] y) {
    return Dataset.regression(new int[] {1}, x, y);
  }

  @Test
  void controlVariates_leadToTheOptimumOfAll() {
    assertThat(slopeOfBoth(run(true))).isLessThan(1e-3);
    assertThat(slopeOfBoth(run(false))).isGreaterThan(0.1);
  }

  private static float[] run(boolean corrected) {
    float[] model = new float[2];
    float[][] own = new float[2][2];
    for (int round = 0; round < 300; round++) {
      float[] all = {(own[0][0] + own[1][0]) / 2, (own[0][1] + own[1][1]) / 2};
      float[] mean = new float[2];
      for (int client = 0; client < 2; client++) {
        float[] difference = {all[0] - own[client][0], all[1] - own[client][1]};
        TrainingOptions options =
            corrected
                ? TrainingOptions.standard().controlVariate(difference)
                : TrainingOptions.standard();
        ModelFile start = ModelFile.of(LINE, model);
        LocalTraining.Result result =
            LocalTraining.train(JAVA, start, CLIENTS[client], CONFIG, 1, options);
        for (int i = 0; i < 2; i++) {
          mean[i] += result.update()[i] / 2;
          own[client][i] -= all[i] + (float) (result.update()[i] / (result.steps() * RATE));
        }
      }
      model[0] += mean[0];
      model[1] += mean[1];
    }
    return model;
  }

  /** The norm of the gradient of the mean loss of both. */
  private static double slopeOfBoth(float[] model) {
    double weight = 0;
    double bias = 0;
    float[] x = new float[1];
    for (Dataset client : CLIENTS) {
      for (int row = 0; row < 4; row++) {
        client.features(row, x, 0);
        double error = model[0] * x[0] + model[1] - client.target(row);
        weight += 2 * error * x[0] / 8;
        bias += 2 * error / 8;
      }
    }
    return Math.hypot(weight, bias);
  }
}
