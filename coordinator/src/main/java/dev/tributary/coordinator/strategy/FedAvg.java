package dev.tributary.coordinator.strategy;

import dev.tributary.coordinator.Strategy;
import dev.tributary.coordinator.job.Job;
import dev.tributary.nn.Optimizer;

/**
 * Federated averaging with a server optimizer (McMahan et al. 2017, algorithm 1; Reddi et al. 2021,
 * algorithm 1): the negative mean update is the gradient of a step. With sgd of rate 1 and no
 * momentum the new model is the old one plus the mean.
 */
public final class FedAvg implements Strategy {
  private final Optimizer optimizer;
  private final int rounds;
  private final double decayFrom;

  /**
   * A strategy before its first round.
   *
   * @param rounds of the job, for the falling learning rate
   * @param length d
   */
  public FedAvg(Job.ServerStrategy spec, int rounds, int length) {
    this.optimizer = spec.serverOptimizer().create(length);
    this.rounds = rounds;
    this.decayFrom = spec.decayFrom();
  }

  @Override
  public String name() {
    return "fedavg";
  }

  @Override
  public void apply(int round, float[] parameters, float[] meanUpdate, int from, int to) {
    for (int i = from; i < to; i++) {
      meanUpdate[i] = -meanUpdate[i];
    }
    optimizer.step(parameters, meanUpdate, from, to, rateFactor(round));
  }

  @Override
  public boolean elementwise() {
    return true;
  }

  @Override
  public void endRound() {
    optimizer.endStep();
  }

  @Override
  public float[] state() {
    return optimizer.state();
  }

  @Override
  public void restore(float[] state) {
    optimizer.restore(state);
  }

  /**
   * The part of the learning rate that round t of T uses, x = (t - 1) / T of the rounds being done:
   * 1 until x = decayFrom, then linearly to 0 at x = 1.
   */
  double rateFactor(int round) {
    double done = (round - 1) / (double) rounds;
    return done <= decayFrom ? 1 : (1 - done) / (1 - decayFrom);
  }
}
