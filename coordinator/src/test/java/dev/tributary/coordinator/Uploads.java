package dev.tributary.coordinator;

import java.nio.file.Path;

/** Uploads for tests of other packages. */
public final class Uploads {
  private Uploads() {}

  public static Upload of(Path file, long length) {
    return new Upload(new UploadFile(file, Runnable::run), length);
  }

  /** Where the bytes of an upload lie. */
  public static Path path(Upload upload) {
    return upload.file().path();
  }
}
