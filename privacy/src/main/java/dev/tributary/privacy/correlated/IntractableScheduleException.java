package dev.tributary.privacy.correlated;

/** A schedule for which the sensitivity of a strategy cannot be found in a sensible time. */
public final class IntractableScheduleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  IntractableScheduleException(String message) {
    super(message);
  }
}
