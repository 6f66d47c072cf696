package dev.tributary.privacy.loss;

/** The numbers asked for are too small to be told from rounding errors. */
public final class NoiseFloorException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  NoiseFloorException(String message) {
    super(message);
  }
}
