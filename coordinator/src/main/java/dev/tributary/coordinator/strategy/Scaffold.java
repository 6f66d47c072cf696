package dev.tributary.coordinator.strategy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.job.Job;

/**
 * SCAFFOLD (Karimireddy et al. 2020, algorithm 1): the model moves by the mean update, as in {@link
 * FedAvg} with plain sgd, and the server's control variate c by the sum of the clients' changes
 * over the number of all clients. State: c, which the next round's clients start from.
 */
public final class Scaffold implements Strategy {
  private final FedAvg model;
  private final float[] control;

  /**
   * A strategy before its first round, with c = 0.
   *
   * @param rounds of the job, for the falling learning rate
   * @param length d
   */
  public Scaffold(Job.ServerStrategy spec, int rounds, int length) {
    this.model = new FedAvg(spec, rounds, length);
    this.control = new float[length];
    if (model.state().length != 0) {
      throw new IllegalArgumentException(
          "the server of scaffold takes plain steps, was " + spec.serverOptimizer());
    }
  }

  @Override
  public String name() {
    return "scaffold";
  }

  @Override
  public void apply(int round, float[] parameters, float[] meanUpdate, int from, int to) {
    model.apply(round, parameters, meanUpdate, from, to);
  }

  @Override
  public void control(float[] meanChange, int from, int to) {
    for (int i = from; i < to; i++) {
      control[i] += meanChange[i];
    }
  }

  @Override
  public boolean sharesState() {
    return true;
  }

  @Override
  public boolean elementwise() {
    return true;
  }

  @Override
  public void endRound() {
    model.endRound();
  }

  @Override
  public float[] state() {
    return control.clone();
  }

  @Override
  public void restore(float[] state) {
    if (state.length != control.length) {
      throw new IllegalArgumentException(
          "a control variate of "
              + control.length
              + " numbers was expected, came "
              + state.length
              + ": it belongs to another model");
    }
    System.arraycopy(state, 0, control, 0, control.length);
  }
}
