package dev.tributary.simulation;

/** A back end does not run this job. The message says why, and which does. */
public final class UnsuitableBackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With its reason. */
  public UnsuitableBackendException(String message) {
    super(message);
  }
}
