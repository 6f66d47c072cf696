package dev.tributary.privacy;

/** The budget does not cover what was asked for. Nothing was recorded. */
public final class BudgetExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Guarantee asked;
  private final transient Guarantee spent;
  private final transient Budget budget;

  BudgetExceededException(String message, Guarantee asked, Guarantee spent, Budget budget) {
    super(message);
    this.asked = asked;
    this.spent = spent;
    this.budget = budget;
  }

  /** What would have been spent in all. */
  public Guarantee asked() {
    return asked;
  }

  /** What is spent or reserved already. */
  public Guarantee spent() {
    return spent;
  }

  public Budget budget() {
    return budget;
  }
}
