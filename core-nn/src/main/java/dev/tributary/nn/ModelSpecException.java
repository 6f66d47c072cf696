package dev.tributary.nn;

/** A model description that breaks a rule; the message names layer, input shape and rule. */
public final class ModelSpecException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelSpecException(String message) {
    super(message);
  }
}
