package dev.tributary.privacy;

/**
 * A stated (epsilon, delta) for a stated unit under a stated relation.
 *
 * @param epsilon at least 0; infinite where nothing is promised
 * @param accountant which accountant says so
 * @param order Renyi order at which the bound was reached; NaN where the accountant has none
 */
public record Guarantee(
    double epsilon, double delta, Unit unit, Relation relation, String accountant, double order) {
  public Guarantee {
    if (!(epsilon >= 0)) {
      throw new IllegalArgumentException("epsilon must be >= 0, was " + epsilon);
    }
    if (!(delta >= 0 && delta <= 1)) {
      throw new IllegalArgumentException("delta must be >= 0 and <= 1, was " + delta);
    }
  }
}
