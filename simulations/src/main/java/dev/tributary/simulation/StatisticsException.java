package dev.tributary.simulation;

import org.jspecify.annotations.Nullable;

/** The round of statistics before the first round of a job came to no sum. */
public final class StatisticsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With what the job may do, and what failed, if anything did. */
  public StatisticsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
