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

  /** All tasks of the population together. */
  static BudgetExceededException of(
      Guarantee asked, Guarantee spent, Budget budget, int coveredParticipations) {
    return of(asked, spent, budget, budget.population(), coveredParticipations);
  }

  /** One task by itself. */
  static BudgetExceededException ofTask(
      String task, Guarantee asked, Guarantee spent, Budget part, int coveredParticipations) {
    return of(asked, spent, part, "task " + task, coveredParticipations);
  }

  /** A task that would have more than all tasks together. */
  static BudgetExceededException ofPart(Budget part, Budget whole, Guarantee spent) {
    return new BudgetExceededException(
        String.format(
            java.util.Locale.ROOT,
            "a task cannot have epsilon %.6g where population %s has %.6g for all of them. Plan the"
                + " task with less, or have its operator raise the budget (tributary privacy raise)",
            part.epsilon(),
            whole.population(),
            whole.epsilon()),
        spent,
        spent,
        part);
  }

  private static BudgetExceededException of(
      Guarantee asked, Guarantee spent, Budget budget, String owner, int coveredParticipations) {
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
            owner,
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
