package dev.tributary.privacy;

/**
 * What may be spent on any one unit of a population, over all tasks.
 *
 * @param population names the clients; an unknown population is refused, never created on the way
 * @param epsilon greater than 0; infinite for a ledger that records and never refuses
 * @param delta at least 2^-60, so that the tables of the samplers (2^-118 per draw) never matter
 */
public record Budget(
    String population, Unit unit, Relation relation, double epsilon, double delta) {
  /** Smallest delta of a budget. */
  public static final double MINIMUM_DELTA = 0x1p-60;

  public Budget {
    Checks.notBlank("population", population);
    Checks.positiveOrInfinite("epsilon", epsilon);
    Checks.delta(delta);
    if (delta < MINIMUM_DELTA) {
      throw new IllegalArgumentException("delta must be >= 2^-60 in a budget, was " + delta);
    }
  }
}
