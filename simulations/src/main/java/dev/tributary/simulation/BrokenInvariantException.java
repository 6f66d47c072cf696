package dev.tributary.simulation;

/**
 * What must never happen has happened in a simulation; the message says what, and in which round.
 */
public final class BrokenInvariantException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says which. */
  public BrokenInvariantException(String message) {
    super(message);
  }
}
