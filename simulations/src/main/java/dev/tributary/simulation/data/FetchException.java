package dev.tributary.simulation.data;

import org.jspecify.annotations.Nullable;

/** A data set that is not here, or could not be brought. */
public final class FetchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean damaged;

  private FetchException(String message, boolean damaged, @Nullable Throwable cause) {
    super(message, cause);
    this.damaged = damaged;
  }

  static FetchException missing(String message) {
    return new FetchException(message, false, null);
  }

  static FetchException missing(String message, Throwable cause) {
    return new FetchException(message, false, cause);
  }

  static FetchException damaged(String message) {
    return new FetchException(message, true, null);
  }

  /** Whether something came that is not what the register pins. */
  public boolean isDamaged() {
    return damaged;
  }
}
