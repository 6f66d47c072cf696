package dev.tributary.nn;

/**
 * How a client trains in one round.
 *
 * @param localEpochs passes over its own data, at least 1
 * @param batchSize examples in a step, at least 1; the last batch of a pass may be smaller
 * @param optimizer made afresh for each round
 * @param method the client's half of the strategy
 */
public record TrainingConfig(
    int localEpochs, int batchSize, OptimizerSpec optimizer, LocalMethod method) {
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
  }
}
