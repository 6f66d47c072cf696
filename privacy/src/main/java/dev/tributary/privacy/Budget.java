package dev.tributary.privacy;

/**
 * What may be spent on any one unit of a population, over all tasks.
 *
 * @param population names the clients; an unknown population is refused, never created on the way
 * @param epsilon greater than 0; infinite for a ledger that records and never refuses
 * @param delta at least 2^-60, so that the tables of the samplers (2^-118 per draw) never matter
 * @param operator Ed25519 public key, 64 lower-case hex digits, of who may raise it once its ledger
 *     has begun; empty if nobody may
 */
public record Budget(
    String population,
    Unit unit,
    Relation relation,
    double epsilon,
    double delta,
    String operator) {
  /** Smallest delta of a budget. */
  public static final double MINIMUM_DELTA = 0x1p-60;

  public Budget {
    Checks.notBlank("population", population);
    Checks.positiveOrInfinite("epsilon", epsilon);
    Checks.delta(delta);
    if (!operator.matches("([0-9a-f]{64})?")) {
      throw new IllegalArgumentException(
          "operator must be 64 lower-case hex digits or empty, was " + operator);
    }
    if (delta < MINIMUM_DELTA) {
      throw new IllegalArgumentException("delta must be >= 2^-60 in a budget, was " + delta);
    }
  }

  /** A budget that nobody may raise. */
  public Budget(String population, Unit unit, Relation relation, double epsilon, double delta) {
    this(population, unit, relation, epsilon, delta, "");
  }

  /** The same with another epsilon. */
  public Budget withEpsilon(double other) {
    return new Budget(population, unit, relation, other, delta, operator);
  }

  /** Whether a task with this budget may spend from one of {@code population}. */
  boolean isPartOf(Budget whole) {
    return population.equals(whole.population)
        && unit == whole.unit
        && relation == whole.relation
        && delta == whole.delta
        && (operator.isEmpty() || operator.equals(whole.operator));
  }
}
