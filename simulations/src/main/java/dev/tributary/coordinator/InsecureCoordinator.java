package dev.tributary.coordinator;

import dev.tributary.coordinator.store.Store;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.wire.Seed;
import java.util.function.IntFunction;

/**
 * The deployed coordinator with chance that can be known: a door that {@code serve} does not have,
 * since this class is of the simulations alone.
 */
public final class InsecureCoordinator {
  private InsecureCoordinator() {}

  /**
   * As {@link Coordinator#open(Store, Coordinator.Settings)}.
   *
   * @param seeds all the randomness of a round by its number, 0 for what comes before round 1
   */
  public static Coordinator open(
      Store store,
      Coordinator.Settings settings,
      IntFunction<Seed> seeds,
      NoiseSource centralNoise) {
    return Coordinator.open(
        store,
        settings,
        new JobDraws() {
          @Override
          public Seed seed(int round) {
            return seeds.apply(round);
          }

          @Override
          public NoiseSource centralNoise() {
            return centralNoise;
          }
        });
  }
}
