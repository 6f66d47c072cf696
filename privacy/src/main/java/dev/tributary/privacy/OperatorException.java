package dev.tributary.privacy;

/** Something that only the operator of a budget may do was not signed by the operator. */
public final class OperatorException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public OperatorException(String message) {
    super(message);
  }
}
