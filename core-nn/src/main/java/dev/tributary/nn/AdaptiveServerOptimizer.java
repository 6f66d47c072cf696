package dev.tributary.nn;

import java.util.Arrays;

/**
 * The adaptive optimizers of Reddi et al. 2021 (arXiv 2003.00295, algorithm 2), with D = -gradient:
 * m = beta1 m + (1 - beta1) D; p += learningRate m / (sqrt(v) + tau), where v is
 *
 * <ul>
 *   <li>{@code fedadagrad}: v + D^2
 *   <li>{@code fedadam}: beta2 v + (1 - beta2) D^2
 *   <li>{@code fedyogi}: v - (1 - beta2) D^2 sign(v - D^2)
 * </ul>
 *
 * and begins with tau^2. Other than in Adam the moments are not corrected for their beginning.
 * State: m, then v.
 */
final class AdaptiveServerOptimizer implements Optimizer {
  /** How v follows the squares. */
  enum Kind {
    FEDADAGRAD,
    FEDADAM,
    FEDYOGI
  }

  private final Kind kind;
  private final double learningRate;
  private final float keep1;
  private final float take1;
  private final float keep2;
  private final float take2;
  private final float tau;
  private final float[] first;
  private final float[] second;

  AdaptiveServerOptimizer(
      Kind kind, double learningRate, double beta1, double beta2, double tau, int length) {
    this.kind = kind;
    this.learningRate = learningRate;
    this.keep1 = (float) beta1;
    this.take1 = (float) (1 - beta1);
    this.keep2 = (float) beta2;
    this.take2 = (float) (1 - beta2);
    this.tau = (float) tau;
    this.first = new float[length];
    this.second = new float[length];
    Arrays.fill(second, this.tau * this.tau);
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    float rate = (float) (learningRate * learningRateFactor);
    for (int i = from; i < to; i++) {
      first[i] = keep1 * first[i] - take1 * gradient[i];
    }
    for (int i = from; i < to; i++) {
      float square = gradient[i] * gradient[i];
      second[i] =
          switch (kind) {
            case FEDADAGRAD -> second[i] + square;
            case FEDADAM -> keep2 * second[i] + take2 * square;
            case FEDYOGI -> second[i] - take2 * square * Math.signum(second[i] - square);
          };
    }
    for (int i = from; i < to; i++) {
      parameters[i] += rate * first[i] / ((float) Math.sqrt(second[i]) + tau);
    }
  }

  @Override
  public void endStep() {}

  @Override
  public float[] state() {
    float[] state = Arrays.copyOf(first, 2 * first.length);
    System.arraycopy(second, 0, state, first.length, second.length);
    return state;
  }

  @Override
  public void restore(float[] state) {
    AdamOptimizer.checkLength(
        kind.name().toLowerCase(java.util.Locale.ROOT), 2 * first.length, state.length);
    System.arraycopy(state, 0, first, 0, first.length);
    System.arraycopy(state, first.length, second, 0, second.length);
  }
}
