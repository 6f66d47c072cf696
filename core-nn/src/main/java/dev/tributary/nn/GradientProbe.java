package dev.tributary.nn;

import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Program;
import java.util.List;

/**
 * Compares the gradient of a batch with central differences of the loss that the program returns,
 * in float32: for each tensor along the gradient itself and along random signs, with steps of
 * several lengths, since rounding drowns the short ones and bends spoil the long ones; the best
 * counts.
 */
final class GradientProbe {
  private static final double[] STEPS = {0.1, 0.03, 0.01, 0.003};
  private static final double RELATIVE = 0.05;

  /** Of a loss in float32. */
  private static final double ROUNDING = 4e-6;

  private final Program program;
  private final Batch batch;
  private final float[] parameters;
  private final float[] gradient;
  private final float[] ignored;
  private final double loss;

  private GradientProbe(
      Program program, Batch batch, float[] parameters, float[] gradient, double loss) {
    this.program = program;
    this.batch = batch;
    this.parameters = parameters;
    this.gradient = gradient;
    this.ignored = new float[gradient.length];
    this.loss = loss;
  }

  /**
   * Checks some tensors.
   *
   * @param parameters float32[d], changed on the way and put back
   * @param gradient float32[d] of the mean loss of the batch there
   * @param loss the sum over the batch
   * @throws GradientCheckException at the first tensor whose gradient is not the slope
   */
  static void check(
      Program program,
      Batch batch,
      float[] parameters,
      float[] gradient,
      double loss,
      List<Layout.Tensor> tensors) {
    GradientProbe probe = new GradientProbe(program, batch, parameters, gradient, loss);
    for (Layout.Tensor tensor : tensors) {
      probe.check(tensor);
    }
  }

  private void check(Layout.Tensor tensor) {
    int n = tensor.length();
    double norm = 0;
    for (int i = 0; i < n; i++) {
      norm += Math.pow(gradient[tensor.offset() + i], 2);
    }
    norm = Math.sqrt(norm);
    float[] direction = new float[n];
    if (norm > 0) {
      for (int i = 0; i < n; i++) {
        direction[i] = (float) (gradient[tensor.offset() + i] / norm);
      }
      along(direction, norm, tensor);
    }
    SeededStream signs = new SeededStream(tensor.offset());
    for (int i = 0; i < n; i++) {
      direction[i] = (float) ((signs.nextLong() < 0 ? -1 : 1) / Math.sqrt(n));
    }
    along(direction, norm, tensor);
  }

  private void along(float[] direction, double norm, Layout.Tensor tensor) {
    double expected = 0;
    for (int i = 0; i < direction.length; i++) {
      expected += (double) direction[i] * gradient[tensor.offset() + i];
    }
    double nearest = Double.NaN;
    for (double h : STEPS) {
      double slope = (at(tensor, direction, h) - at(tensor, direction, -h)) / (2 * h);
      double rounding = ROUNDING * (1 + Math.abs(loss / batch.rows())) / h;
      if (Math.abs(slope - expected) <= RELATIVE * norm + rounding) {
        return;
      }
      if (!(Math.abs(nearest - expected) <= Math.abs(slope - expected))) {
        nearest = slope;
      }
    }
    throw new GradientCheckException(
        tensor.name()
            + ": the gradient says a slope of "
            + expected
            + ", differences of the loss say "
            + nearest);
  }

  /** The mean loss with the tensor moved. */
  private double at(Layout.Tensor tensor, float[] direction, double h) {
    float[] before = new float[direction.length];
    System.arraycopy(parameters, tensor.offset(), before, 0, before.length);
    for (int i = 0; i < direction.length; i++) {
      parameters[tensor.offset() + i] = (float) (before[i] + h * direction[i]);
    }
    double sum = program.gradient(parameters, batch, ignored);
    System.arraycopy(before, 0, parameters, tensor.offset(), before.length);
    return sum / batch.rows();
  }
}
