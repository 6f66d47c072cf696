package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Offer;
import java.util.function.IntFunction;

/**
 * A deployed client with chance that can be known: a door that the SDK does not have, since this
 * class is of the simulations alone.
 */
public final class InsecureClient {
  private InsecureClient() {}

  /** The same builder, whose client draws what these say for the number of a round. */
  public static FederatedClient.Builder with(
      FederatedClient.Builder builder, IntFunction<Seed> seeds, IntFunction<NoiseSource> noise) {
    return builder.draws(
        new RoundDraws() {
          private volatile int round;

          @Override
          public Seed seed(Offer offer) {
            round = Plan.parse(offer.getPlan().toByteArray()).round();
            return seeds.apply(round);
          }

          @Override
          public NoiseSource noise() {
            return noise.apply(round);
          }
        });
  }
}
