package dev.tributary.coordinator;

import java.nio.file.Path;

/** Uploads for tests of other packages. */
public final class Uploads {
  private Uploads() {}

  public static Upload of(Path file, long length) {
    return new Upload(file, length);
  }
}
