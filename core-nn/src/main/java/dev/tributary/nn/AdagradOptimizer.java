package dev.tributary.nn;

/**
 * Adagrad (Duchi, Hazan and Singer 2011, the diagonal form): s += g^2; p -= learningRate g /
 * (sqrt(s) + epsilon). State: s.
 */
final class AdagradOptimizer implements Optimizer {
  private final double learningRate;
  private final float epsilon;
  private final float weightDecay;
  private final float[] squares;

  AdagradOptimizer(double learningRate, double epsilon, double weightDecay, int length) {
    this.learningRate = learningRate;
    this.epsilon = (float) epsilon;
    this.weightDecay = (float) weightDecay;
    this.squares = new float[length];
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    float rate = (float) (learningRate * learningRateFactor);
    SgdOptimizer.decay(parameters, gradient, from, to, weightDecay);
    for (int i = from; i < to; i++) {
      squares[i] += gradient[i] * gradient[i];
    }
    for (int i = from; i < to; i++) {
      parameters[i] -= rate * gradient[i] / ((float) Math.sqrt(squares[i]) + epsilon);
    }
  }

  @Override
  public void endStep() {}

  @Override
  public float[] state() {
    return squares.clone();
  }

  @Override
  public void restore(float[] state) {
    AdamOptimizer.checkLength("adagrad", squares.length, state.length);
    System.arraycopy(state, 0, squares, 0, state.length);
  }
}
