package dev.tributary.client;

/**
 * Trains on this machine's own data. The one method that a partner with its own training code
 * implements; {@link NnTrainer} is the default.
 */
@FunctionalInterface
public interface Trainer {
  /**
   * Trains from the model of the request and returns what changed.
   *
   * @return {@code trained - start}, {@code float32[d]}, in the order of the model's layout, d =
   *     {@link TrainingRequest#length()}. It is clipped, noised and masked before it leaves this
   *     machine.
   * @throws Exception any failure; the client then leaves the round, and only the fact that
   *     training failed is told
   */
  float[] train(TrainingRequest request) throws Exception;
}
