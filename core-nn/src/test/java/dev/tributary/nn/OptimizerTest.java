package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class OptimizerTest {
  private static final int LENGTH = 37;
  private static final int STEPS = 12;

  static List<OptimizerSpec> specs() {
    return List.of(
        OptimizerSpec.sgd(0.1, 0, 0),
        OptimizerSpec.sgd(0.1, 0.9, 0),
        OptimizerSpec.sgd(0.05, 0.5, 0.01),
        OptimizerSpec.adam(0.01),
        spec("nesterov", Map.of("weightDecay", 0.02)),
        spec("adamw", Map.of()),
        spec("rmsprop", Map.of("momentum", 0.5, "weightDecay", 0.02)),
        spec("rmsprop", Map.of("rho", 0.8)),
        spec("adagrad", Map.of("weightDecay", 0.02)),
        spec("fedadagrad", Map.of()),
        spec("fedadagrad", Map.of("beta1", 0.5)),
        spec("fedadam", Map.of("tau", 0.1)),
        spec("fedyogi", Map.of("beta2", 0.9, "tau", 0.5)),
        new OptimizerSpec(
            "adam",
            new TreeMap<>(
                Map.of("learningRate", 0.1, "beta1", 0.8, "epsilon", 1e-4, "weightDecay", 0.1))));
  }

  private static OptimizerSpec spec(String name, Map<String, Double> settings) {
    TreeMap<String, Double> all = new TreeMap<>(settings);
    all.put("learningRate", 0.05);
    return new OptimizerSpec(name, all);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void step_isTheFormula(OptimizerSpec spec) {
    Optimizer optimizer = spec.create(1);
    Map<String, Double> p = spec.parameters();
    double rate = p.get("learningRate");
    float[] parameter = {0.7f};
    double w = 0.7;
    double m = 0;
    double v = 0;
    Random random = new Random(1);
    for (int t = 1; t <= STEPS; t++) {
      double g = random.nextGaussian();
      double factor = 1 - t / 24.0;
      optimizer.step(parameter, new float[] {(float) g}, 0, 1, factor);
      optimizer.endStep();
      if (spec.name().equals("sgd")) {
        m = p.get("momentum") * m + g + p.get("weightDecay") * w;
        w -= rate * factor * m;
      } else if (spec.name().equals("nesterov")) {
        g += p.get("weightDecay") * w;
        m = p.get("momentum") * m + g;
        w -= rate * factor * (g + p.get("momentum") * m);
      } else if (spec.name().equals("rmsprop")) {
        g += p.get("weightDecay") * w;
        v = p.get("rho") * v + (1 - p.get("rho")) * g * g;
        m = p.get("momentum") * m + g / (Math.sqrt(v) + p.get("epsilon"));
        w -= rate * factor * m;
      } else if (spec.name().equals("adagrad")) {
        g += p.get("weightDecay") * w;
        v += g * g;
        w -= rate * factor * g / (Math.sqrt(v) + p.get("epsilon"));
      } else if (spec.name().startsWith("fed")) {
        double tau = p.get("tau");
        v = t == 1 ? tau * tau : v;
        m = p.get("beta1") * m - (1 - p.get("beta1")) * g;
        v =
            switch (spec.name()) {
              case "fedadagrad" -> v + g * g;
              case "fedadam" -> p.get("beta2") * v + (1 - p.get("beta2")) * g * g;
              default -> v - (1 - p.get("beta2")) * g * g * Math.signum(v - g * g);
            };
        w += rate * factor * m / (Math.sqrt(v) + tau);
      } else {
        m = p.get("beta1") * m + (1 - p.get("beta1")) * g;
        v = p.get("beta2") * v + (1 - p.get("beta2")) * g * g;
        double mean = m / (1 - Math.pow(p.get("beta1"), t));
        double spread = Math.sqrt(v / (1 - Math.pow(p.get("beta2"), t)));
        w -= rate * factor * (p.get("weightDecay") * w + mean / (spread + p.get("epsilon")));
      }
      assertThat((double) parameter[0]).as("%s, step %d", spec, t).isCloseTo(w, within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void step_blockByBlockInAnyOrder_isTheWholeToTheBit(OptimizerSpec spec) {
    Optimizer whole = spec.create(LENGTH);
    Optimizer blocks = spec.create(LENGTH);
    float[] a = gaussian(9);
    float[] b = a.clone();
    for (int t = 0; t < STEPS; t++) {
      whole.step(a, gaussian(t), 0, LENGTH, 1);
      whole.endStep();
      float[] gradient = gaussian(t);
      blocks.step(b, gradient, 20, LENGTH, 1);
      blocks.step(b, gradient, 0, 3, 1);
      blocks.step(b, gradient, 3, 20, 1);
      blocks.endStep();
    }
    assertThat(b).isEqualTo(a);
    assertThat(blocks.state()).isEqualTo(whole.state());
  }

  @ParameterizedTest
  @MethodSource("specs")
  void restore_goesOnToTheBit(OptimizerSpec spec) {
    Optimizer one = spec.create(LENGTH);
    float[] a = gaussian(9);
    run(one, a, 0, STEPS);
    float[] state = one.state();
    float[] b = a.clone();
    Optimizer other = spec.create(LENGTH);
    other.restore(state);
    run(one, a, STEPS, 2 * STEPS);
    run(other, b, STEPS, 2 * STEPS);
    assertThat(b).isEqualTo(a);
    assertThatThrownBy(() -> other.restore(new float[state.length + 1]))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining("expected " + state.length + " floats, came " + (state.length + 1));
  }

  @Test
  void spec_withDefaultsLeftOut_isEqualToTheFullOne() {
    OptimizerSpec given = new OptimizerSpec("sgd", new TreeMap<>(Map.of("learningRate", 0.1)));
    assertThat(given).isEqualTo(OptimizerSpec.sgd(0.1, 0, 0));
    assertThat(OptimizerSpec.adam(0.1).parameters())
        .containsOnlyKeys("learningRate", "beta1", "beta2", "epsilon", "weightDecay");
    assertThatThrownBy(() -> given.parameters().put("momentum", 1.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lion | learningRate | 0.1 | expected one of sgd, nesterov, adam, adamw, rmsprop, adagrad, fedadagrad, fedadam, fedyogi, came lion",
        "sgd | momentum | 0.5 | learningRate must be a finite number of at least 0.0, came nothing",
        "sgd | learningRate | NaN | learningRate must be a finite number of at least 0.0, came NaN",
        "sgd | learningRate | Infinity | came Infinity",
        "sgd | learningRate | -1 | came -1.0",
        "adam | beta1 | 1 | learningRate must be",
        "adam | learningRate | -0.1 | came -0.1",
      })
  void spec_breakingARule_isRefused(String name, String setting, double value, String message) {
    assertThatThrownBy(() -> new OptimizerSpec(name, new TreeMap<>(Map.of(setting, value))))
        .isInstanceOf(TrainingConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void spec_withMomentumOfOneOrUnknownSetting_isRefused() {
    assertThatThrownBy(() -> OptimizerSpec.sgd(0.1, 1, 0))
        .hasMessage("optimizer sgd: momentum must be in [0.0, 1), came 1.0");
    assertThatThrownBy(
            () -> new OptimizerSpec("sgd", new TreeMap<>(Map.of("learningRate", 1.0, "rate", 1.0))))
        .hasMessageContaining("unknown setting rate; known are [learningRate, momentum");
  }

  private static void run(Optimizer optimizer, float[] parameters, int from, int to) {
    for (int t = from; t < to; t++) {
      optimizer.step(parameters, gaussian(t), 0, LENGTH, 1);
      optimizer.endStep();
    }
  }

  private static float[] gaussian(long seed) {
    Random random = new Random(seed);
    float[] values = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
