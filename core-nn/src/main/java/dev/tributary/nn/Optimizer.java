package dev.tributary.nn;

/**
 * Turns gradients into steps, on a client over the whole vector or on a coordinator block by block:
 * {@link #step} once for each interval, in any order, then {@link #endStep} once. A coordinator
 * passes the negative mean update as the gradient. Elementwise and of one thread; deterministic to
 * the bit on every machine.
 */
public interface Optimizer {

  /**
   * Moves {@code parameters[from, to)} against the gradient.
   *
   * @param parameters float32[d], changed in place
   * @param gradient float32[d], may be overwritten in [from, to)
   * @param learningRateFactor multiplies the learning rate, for schedules
   */
  void step(float[] parameters, float[] gradient, int from, int to, double learningRateFactor);

  /** Ends a step whose intervals are all done. */
  void endStep();

  /** What it remembers between steps, as a copy; empty if nothing. */
  float[] state();

  /**
   * Goes on from a state.
   *
   * @param state what {@link #state} gave for the same spec and length
   * @throws TrainingConfigException if its length is another
   */
  void restore(float[] state);
}
