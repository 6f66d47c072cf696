package dev.tributary.privacy;

/** No noise within the given ring and cohort keeps the budget. */
public final class UnreachableBudgetException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final double reachedEpsilon;

  UnreachableBudgetException(String message, double reachedEpsilon) {
    super(message);
    this.reachedEpsilon = reachedEpsilon;
  }

  /** The smallest epsilon that the request can reach. */
  public double reachedEpsilon() {
    return reachedEpsilon;
  }
}
