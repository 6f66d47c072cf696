package dev.tributary.client.round;

import java.io.IOException;

/** Where models come from: the coordinator, a cache, a simulation's memory. */
@FunctionalInterface
public interface ModelSource {
  /**
   * Fetches the bytes of a model file. The caller checks their digest.
   *
   * @param digest SHA-256, 64 hex digits
   * @param length the bytes that the plan announces
   */
  byte[] get(String digest, long length) throws IOException, InterruptedException;
}
