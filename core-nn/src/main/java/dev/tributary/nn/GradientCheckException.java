package dev.tributary.nn;

/** A gradient that is not the slope of its loss; the message names the tensor and both numbers. */
public final class GradientCheckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public GradientCheckException(String message) {
    super(message);
  }
}
