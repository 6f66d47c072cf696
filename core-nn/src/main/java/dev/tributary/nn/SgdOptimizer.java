package dev.tributary.nn;

/**
 * v = momentum v + g + weightDecay p; p -= learningRate v (the form of PyTorch, undampened). By
 * Nesterov's rule p -= learningRate (g + momentum v) (Sutskever et al. 2013, in the form of
 * PyTorch).
 */
final class SgdOptimizer implements Optimizer {
  private final double learningRate;
  private final float momentum;
  private final float weightDecay;
  private final boolean nesterov;
  private final float[] velocity;

  SgdOptimizer(
      double learningRate, double momentum, double weightDecay, boolean nesterov, int length) {
    this.nesterov = nesterov;
    this.learningRate = learningRate;
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
    this.velocity = new float[momentum == 0 ? 0 : length];
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    float rate = (float) (learningRate * learningRateFactor);
    decay(parameters, gradient, from, to, weightDecay);
    if (velocity.length == 0) {
      for (int i = from; i < to; i++) {
        parameters[i] -= rate * gradient[i];
      }
      return;
    }
    for (int i = from; i < to; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i];
    }
    if (nesterov) {
      for (int i = from; i < to; i++) {
        parameters[i] -= rate * (gradient[i] + momentum * velocity[i]);
      }
      return;
    }
    for (int i = from; i < to; i++) {
      parameters[i] -= rate * velocity[i];
    }
  }

  /** Adds the gradient of weightDecay / 2 |p|^2. */
  static void decay(float[] parameters, float[] gradient, int from, int to, float weightDecay) {
    if (weightDecay != 0) {
      for (int i = from; i < to; i++) {
        gradient[i] += weightDecay * parameters[i];
      }
    }
  }

  @Override
  public void endStep() {}

  @Override
  public float[] state() {
    return velocity.clone();
  }

  @Override
  public void restore(float[] state) {
    AdamOptimizer.checkLength("sgd", velocity.length, state.length);
    System.arraycopy(state, 0, velocity, 0, state.length);
  }
}
