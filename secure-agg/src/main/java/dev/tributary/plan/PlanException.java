package dev.tributary.plan;

/**
 * Bytes that are no plan, or a plan that breaks a rule. The message names field, rule and value.
 */
public final class PlanException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception with this message. */
  public PlanException(String message) {
    super(message);
  }

  /** An exception with this message and cause. */
  public PlanException(String message, Throwable cause) {
    super(message, cause);
  }
}
