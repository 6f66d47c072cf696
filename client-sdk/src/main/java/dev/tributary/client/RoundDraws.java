package dev.tributary.client;

import dev.tributary.privacy.NoiseSource;
import dev.tributary.wire.Seed;
import dev.tributary.wire.v1.Offer;
import java.security.SecureRandom;

/** Where the chance of a client's rounds comes from. */
interface RoundDraws {
  /** Decides keys and the order of training of a round that begins. */
  Seed seed(Offer offer);

  /** Of the rounding and the noise shares of the round that has begun. */
  NoiseSource noise();

  /** The system's. */
  static RoundDraws secure(SecureRandom random) {
    NoiseSource noise = NoiseSource.secure();
    return new RoundDraws() {
      @Override
      public Seed seed(Offer offer) {
        return Seed.random(random);
      }

      @Override
      public NoiseSource noise() {
        return noise;
      }
    };
  }
}
