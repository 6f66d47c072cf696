package dev.tributary.privacy.noise;

import dev.tributary.privacy.BitStream;
import dev.tributary.privacy.NoiseSource;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The production source: a secret key from the operating system, a new derived key for every
 * stream.
 */
public final class SecureNoise implements NoiseSource {
  private final KeyedNoise keyed;
  private final AtomicLong opened = new AtomicLong();

  private SecureNoise(byte[] key) {
    keyed = new KeyedNoise(key);
  }

  /**
   * A source with a key of its own.
   *
   * @throws IllegalStateException if the self-test of the samplers fails on this JVM
   */
  public static SecureNoise create() {
    SelfTest.require();
    byte[] key = new byte[AesCtrStream.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    try {
      return new SecureNoise(key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  @Override
  public BitStream open(String purpose) {
    return keyed.open(opened.getAndIncrement(), purpose);
  }

  @Override
  public String toString() {
    return "SecureNoise[redacted]";
  }
}
