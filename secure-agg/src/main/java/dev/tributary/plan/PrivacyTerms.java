package dev.tributary.plan;

import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;

/**
 * What the job promises about privacy, for a client to hold against its own policy. Without a
 * mechanism the plan promises nothing, and epsilon and delta say nothing.
 *
 * @param epsilon of the whole job, for one unit
 * @param delta of the whole job
 * @param participations most rounds that one unit is in
 * @param separation fewest rounds between two of them
 */
public record PrivacyTerms(
    Unit unit,
    Relation relation,
    double epsilon,
    double delta,
    int participations,
    int separation) {

  /** Checks what holds for every mechanism. */
  public PrivacyTerms {
    if (!(epsilon >= 0)) {
      throw new PlanException("privacy.epsilon must be >= 0. Provided: " + epsilon);
    }
    if (!(delta >= 0 && delta <= 1)) {
      throw new PlanException("privacy.delta must be 0 to 1. Provided: " + delta);
    }
    PlanChecks.atLeast("privacy.participations", 0, participations);
    PlanChecks.atLeast("privacy.separation", 0, separation);
  }
}
