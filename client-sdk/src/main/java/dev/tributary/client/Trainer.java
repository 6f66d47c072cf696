package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.privacy.Charge;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Trains on this machine's own data. The one method that a partner with its own training code
 * implements; {@link NnTrainer} is the default.
 */
@FunctionalInterface
public interface Trainer {
  /**
   * Why this trainer cannot do what a plan asks for; looked at before the client takes part, and
   * before any data is touched. By default it can do everything but hide single examples, keep
   * tensors here, and tell what a strategy wants to know beside the update.
   */
  default Optional<Refusal> check(Plan plan) {
    for (String segment : List.of(Segments.CONTROL, Segments.WEIGHT, Segments.STEPS)) {
      if (plan.asksFor(segment)) {
        return Optional.of(
            new Refusal(
                "training-unknown",
                "The plan asks for "
                    + segment
                    + " beside the update; this client's trainer does not tell that."));
      }
    }
    if (!plan.localTensors().isEmpty()) {
      return Optional.of(
          new Refusal(
              "training-unknown",
              "The plan wants tensors to stay with each client; this client's trainer keeps none."));
    }
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

  /**
   * How well the model of a request, with what this client keeps of it, does on rows of this
   * machine that it never trains on, before any training: asked where a job wants to know how
   * clients fare. What leaves is one of a few bins, clipped, noised and masked with the update.
   *
   * @return the part of the rows that it gets right, 0 to 1; empty, as by default, where there are
   *     no such rows: the client is then in no bin
   */
  default OptionalDouble accuracy(TrainingRequest request) throws Exception {
    return OptionalDouble.empty();
  }

  /**
   * As {@link #train}, with what strategies may ask for beside the update. Whoever implements it
   * lets {@link #check} pass such plans.
   */
  default Trained trained(TrainingRequest request) throws Exception {
    return new Trained(train(request), 0, 0);
  }
}
