package dev.tributary.privacy;

/** The budget does not cover what was asked for. Nothing was recorded. */
public final class BudgetExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Guarantee asked;
  private final transient Guarantee spent;
  private final transient Budget budget;

  private BudgetExceededException(String message, Guarantee asked, Guarantee spent, Budget budget) {
    super(message);
    this.asked = asked;
    this.spent = spent;
    this.budget = budget;
  }

  static BudgetExceededException of(
      Guarantee asked, Guarantee spent, Budget budget, int coveredParticipations) {
    String wayOut =
        coveredParticipations > 0
            ? "It covers " + coveredParticipations + " participations of this kind: end there, or"
            : "End here, or";
    return new BudgetExceededException(
        String.format(
            java.util.Locale.ROOT,
            "this would bring epsilon to %.6g at delta %.3g; %.6g is spent or reserved of the %.6g"
                + " that %s has. %s plan a new task with more noise within what is left",
            asked.epsilon(),
            asked.delta(),
            spent.epsilon(),
            budget.epsilon(),
            budget.population(),
            wayOut),
        asked,
        spent,
        budget);
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
