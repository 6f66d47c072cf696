package dev.tributary.privacy;

import dev.tributary.privacy.noise.SecureNoise;

/** Where random bits come from. Safe for use by several threads; the streams it opens are not. */
public interface NoiseSource {
  /**
   * A fresh stream, independent of the streams of all other purposes.
   *
   * @param purpose names what the bits are for, such as {@code "encode/noise"}
   */
  BitStream open(String purpose);

  /**
   * AES-256-CTR under a key of {@link java.security.SecureRandom}. Every call of {@link #open} has
   * a key of its own, also for a purpose that was opened before.
   */
  static NoiseSource secure() {
    return SecureNoise.create();
  }
}
