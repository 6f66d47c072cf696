package dev.tributary.nn.interchange;

/**
 * Bytes that are no file of the format, tensors that are not those of a model, or a model that the
 * format cannot say. The message names the place and the rule.
 */
public final class InterchangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InterchangeException(String message) {
    super(message);
  }

  public InterchangeException(String message, Throwable cause) {
    super(message, cause);
  }
}
