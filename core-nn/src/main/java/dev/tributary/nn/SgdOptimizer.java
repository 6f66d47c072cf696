package dev.tributary.nn;

/** v = momentum v + g + weightDecay p; p -= learningRate v (the form of PyTorch, undampened). */
final class SgdOptimizer implements Optimizer {
  private final double learningRate;
  private final float momentum;
  private final float weightDecay;
  private final float[] velocity;

  SgdOptimizer(double learningRate, double momentum, double weightDecay, int length) {
    this.learningRate = learningRate;
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
    this.velocity = new float[momentum == 0 ? 0 : length];
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    float rate = (float) (learningRate * learningRateFactor);
    if (weightDecay != 0) {
      for (int i = from; i < to; i++) {
        gradient[i] += weightDecay * parameters[i];
      }
    }
    if (velocity.length == 0) {
      for (int i = from; i < to; i++) {
        parameters[i] -= rate * gradient[i];
      }
      return;
    }
    for (int i = from; i < to; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i];
    }
    for (int i = from; i < to; i++) {
      parameters[i] -= rate * velocity[i];
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
