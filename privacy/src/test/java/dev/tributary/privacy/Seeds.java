package dev.tributary.privacy;

import dev.tributary.privacy.insecure.InsecureSeededNoise;
import java.nio.ByteBuffer;

/** Seeds of property tests. */
public final class Seeds {
  private Seeds() {}

  public static byte[] bytes(long seed) {
    return ByteBuffer.allocate(32).putLong(seed).array();
  }

  public static NoiseSource noise(long seed) {
    return new InsecureSeededNoise(bytes(seed));
  }
}
