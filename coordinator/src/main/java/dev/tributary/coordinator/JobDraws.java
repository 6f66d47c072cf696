package dev.tributary.coordinator;

import dev.tributary.privacy.NoiseSource;
import dev.tributary.wire.Seed;
import java.security.SecureRandom;

/** Where the chance of a job comes from. */
interface JobDraws {
  /** All the randomness of a round by its number, 0 for what comes before round 1. */
  Seed seed(int round);

  /** Noise of the coordinator's own. */
  NoiseSource centralNoise();

  /** The system's. */
  static JobDraws secure(SecureRandom random) {
    NoiseSource noise = NoiseSource.secure();
    return new JobDraws() {
      @Override
      public Seed seed(int round) {
        return Seed.random(random);
      }

      @Override
      public NoiseSource centralNoise() {
        return noise;
      }
    };
  }
}
