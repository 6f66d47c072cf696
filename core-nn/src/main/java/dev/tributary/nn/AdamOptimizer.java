package dev.tributary.nn;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019,
 * algorithm 2). State: first moments, second moments, number of steps.
 */
final class AdamOptimizer implements Optimizer {
  /** Floats count exactly up to here; the bias corrections are 1 long before. */
  private static final int LAST_COUNTED_STEP = 1 << 24;

  private final double learningRate;
  private final double beta1;
  private final double beta2;
  private final float epsilon;
  private final double weightDecay;
  private final float[] first;
  private final float[] second;
  private int steps;

  AdamOptimizer(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      int length) {
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = (float) epsilon;
    this.weightDecay = weightDecay;
    this.first = new float[length];
    this.second = new float[length];
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, int from, int to, double learningRateFactor) {
    double rate = learningRate * learningRateFactor;
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float shrink = (float) (1 - rate * weightDecay);
    float stepSize = (float) (rate / (1 - StrictMath.pow(beta1, steps + 1)));
    float unbias2 = (float) (1 / StrictMath.sqrt(1 - StrictMath.pow(beta2, steps + 1)));
    for (int i = from; i < to; i++) {
      first[i] = keep1 * first[i] + take1 * gradient[i];
    }
    for (int i = from; i < to; i++) {
      second[i] = keep2 * second[i] + take2 * gradient[i] * gradient[i];
    }
    for (int i = from; i < to; i++) {
      float spread = (float) Math.sqrt(second[i]) * unbias2 + epsilon;
      parameters[i] = shrink * parameters[i] - stepSize * first[i] / spread;
    }
  }

  @Override
  public void endStep() {
    steps = Math.min(steps + 1, LAST_COUNTED_STEP);
  }

  @Override
  public float[] state() {
    float[] state = new float[2 * first.length + 1];
    System.arraycopy(first, 0, state, 0, first.length);
    System.arraycopy(second, 0, state, first.length, second.length);
    state[state.length - 1] = steps;
    return state;
  }

  @Override
  public void restore(float[] state) {
    checkLength("adam", 2 * first.length + 1, state.length);
    System.arraycopy(state, 0, first, 0, first.length);
    System.arraycopy(state, first.length, second, 0, second.length);
    steps = (int) state[state.length - 1];
  }

  static void checkLength(String optimizer, int expected, int came) {
    if (expected != came) {
      throw new TrainingConfigException(
          "state of optimizer "
              + optimizer
              + ": expected "
              + expected
              + " floats, came "
              + came
              + ": it belongs to another optimizer or model");
    }
  }
}
