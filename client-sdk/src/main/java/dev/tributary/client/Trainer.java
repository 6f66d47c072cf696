package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.privacy.Charge;
import java.util.Optional;

/**
 * Trains on this machine's own data. The one method that a partner with its own training code
 * implements; {@link NnTrainer} is the default.
 */
@FunctionalInterface
public interface Trainer {
  /**
   * Why this trainer cannot do what a plan asks for; looked at before the client takes part, and
   * before any data is touched. By default it can do everything but hide single examples.
   */
  default Optional<Refusal> check(Plan plan) {
    return plan.training()
        .examplePrivacy()
        .map(
            terms ->
                new Refusal(
                    "training-unknown",
                    "The plan wants single examples hidden; this client's trainer does not do"
                        + " that."));
  }

  /**
   * What one round of a plan tells about a single example of this trainer's data, whoever sees the
   * update: the client's ledger records it beside the cost for the whole data. Empty where single
   * examples are not hidden.
   */
  default Optional<Charge> exampleCharge(Plan plan) {
    return Optional.empty();
  }

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
