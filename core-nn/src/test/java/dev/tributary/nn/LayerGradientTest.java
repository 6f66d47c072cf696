package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer, activation and loss: the analytic gradient is the derivative of the loss. */
final class LayerGradientTest {
  private static final int ROWS = 3;
  private static ClassLoader doubles;

  @BeforeAll
  static void compile() {
    doubles = DoublePrecision.compile();
  }

  static List<ModelSpec> models() {
    return LayerModels.all();
  }

  /** Central differences in double are good to about h^2 + 1e-16 / h, relative to the loss. */
  @ParameterizedTest
  @MethodSource("models")
  void gradient_inDouble_isThatOfCentralDifferences(ModelSpec spec) {
    double[][] gradients = exact(spec, 1e-5);
    compare(spec, gradients[0], gradients[1], 1e-7, 1e-9);
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradient_inFloat_isThatInDouble(ModelSpec spec) {
    double[][] floats = GradientCheck.of(spec.toJson(), ROWS, 11, 0);
    compare(spec, floats[0], exact(spec, 0)[0], 1e-4, 2e-6);
  }

  private static double[][] exact(ModelSpec spec, double h) {
    return DoublePrecision.gradients(doubles, spec.toJson(), ROWS, 11, h);
  }

  private static void compare(
      ModelSpec spec, double[] gradient, double[] expected, double relative, double absolute) {
    double largest = 0;
    Set<Integer> statistics = new HashSet<>();
    for (Layout.Tensor tensor : spec.statistics()) {
      for (int i = 0; i < tensor.length(); i++) {
        statistics.add(tensor.offset() + i);
      }
    }
    for (int i = 0; i < expected.length; i++) {
      if (statistics.contains(i)) {
        continue;
      }
      largest = Math.max(largest, Math.abs(expected[i]));
      assertThat(Math.abs(gradient[i] - expected[i]))
          .as("%s, parameter %d: %s instead of %s", spec, i, gradient[i], expected[i])
          .isLessThanOrEqualTo(relative * Math.abs(expected[i]) + absolute);
    }
    assertThat(largest).as("a gradient that is not zero").isGreaterThan(1e-4);
  }
}
