package dev.tributary.nn;

/**
 * RMSProp (Tieleman and Hinton 2012, lecture 6.5) in the form of PyTorch: s = decay s + (1 - decay)
 * g^2; v = momentum v + g / (sqrt(s) + epsilon); p -= learningRate v. State: s, then v.
 */
final class RmsPropOptimizer implements Optimizer {
  private final double learningRate;
  private final double decay;
  private final float epsilon;
  private final float momentum;
  private final float weightDecay;
  private final float[] squares;
  private final float[] velocity;

  RmsPropOptimizer(
      double learningRate,
      double decay,
      double epsilon,
      double momentum,
      double weightDecay,
      int length) {
    this.learningRate = learningRate;
    this.decay = decay;
    this.epsilon = (float) epsilon;
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
    this.squares = new float[length];
    this.velocity = new float[length];
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    float rate = (float) (learningRate * learningRateFactor);
    float keep = (float) decay;
    float take = (float) (1 - decay);
    SgdOptimizer.decay(parameters, gradient, from, to, weightDecay);
    for (int i = from; i < to; i++) {
      squares[i] = keep * squares[i] + take * gradient[i] * gradient[i];
    }
    for (int i = from; i < to; i++) {
      velocity[i] =
          momentum * velocity[i] + gradient[i] / ((float) Math.sqrt(squares[i]) + epsilon);
      parameters[i] -= rate * velocity[i];
    }
  }

  @Override
  public void endStep() {}

  @Override
  public float[] state() {
    float[] state = new float[2 * squares.length];
    System.arraycopy(squares, 0, state, 0, squares.length);
    System.arraycopy(velocity, 0, state, squares.length, velocity.length);
    return state;
  }

  @Override
  public void restore(float[] state) {
    AdamOptimizer.checkLength("rmsprop", 2 * squares.length, state.length);
    System.arraycopy(state, 0, squares, 0, squares.length);
    System.arraycopy(state, squares.length, velocity, 0, velocity.length);
  }
}
