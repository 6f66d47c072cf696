package dev.tributary.privacy.insecure;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.NoiseSource;
import dev.tributary.privacy.noise.KeyedNoise;

/**
 * Noise that anybody with the seed can subtract: it hides nothing. For simulations and tests, where
 * a run must repeat itself. A stream depends on seed and purpose only, so the same purpose opened
 * twice gives the same bits twice.
 */
public final class InsecureSeededNoise implements NoiseSource {
  private final KeyedNoise keyed;

  /**
   * @param seed32 32 bytes, copied
   */
  public InsecureSeededNoise(byte[] seed32) {
    keyed = new KeyedNoise(seed32);
  }

  @Override
  public BitStream open(String purpose) {
    return keyed.open(0, purpose);
  }
}
