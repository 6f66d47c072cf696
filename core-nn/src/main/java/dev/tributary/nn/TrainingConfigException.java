package dev.tributary.nn;

/** A setting of training or of an optimizer that breaks a rule; the message names it. */
public final class TrainingConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TrainingConfigException(String message) {
    super(message);
  }
}
