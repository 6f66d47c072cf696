package dev.tributary.coordinator;

/** A coordinator was stopped before its job began: there is no result, and nothing went wrong. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppedException(String reason) {
    super(reason);
  }
}
