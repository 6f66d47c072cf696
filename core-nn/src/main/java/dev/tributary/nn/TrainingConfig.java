package dev.tributary.nn;

/**
 * How a client trains in one round.
 *
 * @param localEpochs passes over its own data, at least 1
 * @param batchSize examples in a step, at least 1; the last batch of a pass may be smaller
 * @param optimizer made afresh for each round
 * @param method the client's half of the strategy
 * @param schedule of the learning rate over the steps of the round
 * @param clipNorm the gradient of a step is scaled down to this L2 norm where it is longer, before
 *     the method corrects it (Pascanu et al. 2013, algorithm 1); infinite: never. This is for
 *     stability and gives no privacy
 */
public record TrainingConfig(
    int localEpochs,
    int batchSize,
    OptimizerSpec optimizer,
    LocalMethod method,
    Schedule schedule,
    double clipNorm) {
  /** A constant rate, no clipping. */
  public TrainingConfig(
      int localEpochs, int batchSize, OptimizerSpec optimizer, LocalMethod method) {
    this(localEpochs, batchSize, optimizer, method, Schedule.constant(), Double.POSITIVE_INFINITY);
  }

  /**
   * What so many steps add up to, in learning rates: |a|_1 of Wang et al. 2020 (FedNova, section
   * 4). With momentum rho, k steps of one gradient move the parameters by (k - rho (1 - rho^k) / (1
   * - rho)) / (1 - rho) times learning rate and gradient; without, by k.
   *
   * @throws TrainingConfigException unless steps are sgd's, at a constant learning rate and not
   *     clipped
   */
  public double effectiveSteps(int steps) {
    if (!addsUp()) {
      throw new TrainingConfigException(
          "what steps add up to is known for sgd with a constant learning rate and"
              + " no gradientClip alone");
    }
    double momentum = optimizer.parameters().getOrDefault("momentum", 0.0);
    return momentum == 0
        ? steps
        : (steps - momentum * (1 - StrictMath.pow(momentum, steps)) / (1 - momentum))
            / (1 - momentum);
  }

  /** Whether it is known what steps add up to ({@link #effectiveSteps}). */
  public boolean addsUp() {
    return optimizer.name().equals("sgd")
        && schedule.name().equals(Schedule.constant().name())
        && clipNorm == Double.POSITIVE_INFINITY;
  }

  /**
   * Checks the counts.
   *
   * @throws TrainingConfigException if one is below 1
   */
  public TrainingConfig {
    if (localEpochs < 1) {
      throw new TrainingConfigException("localEpochs must be at least 1, is " + localEpochs);
    }
    if (batchSize < 1) {
      throw new TrainingConfigException("batchSize must be at least 1, is " + batchSize);
    }
    if (!(clipNorm > 0)) {
      throw new TrainingConfigException("clipNorm must be above 0, is " + clipNorm);
    }
  }
}
