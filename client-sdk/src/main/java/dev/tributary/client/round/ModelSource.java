package dev.tributary.client.round;

import dev.tributary.nn.ModelFile;
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

  /**
   * The model in bytes whose digest was checked. A source that serves many clients may keep what it
   * has read: nothing can change in a model file.
   *
   * @throws dev.tributary.nn.ModelFileException for bytes that are no model
   */
  default ModelFile open(String digest, byte[] checked) {
    return ModelFile.parse(checked);
  }
}
