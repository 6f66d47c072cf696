package dev.tributary.simulation.audit;

import java.util.List;
import java.util.OptionalDouble;

/**
 * An audit, whole.
 *
 * @param job name of the job
 * @param jobText the job file with its overrides
 * @param claim what is claimed
 * @param canaries what was found
 * @param attacks one row for each; empty where they were left out
 */
public record AuditRecord(
    String job, String jobText, long seed, Claim claim, Found canaries, List<Row> attacks) {
  public AuditRecord {
    attacks = List.copyOf(attacks);
  }

  /**
   * The upper bound that the audit tries to refute.
   *
   * @param epsilon of the whole run as declared; empty where the job claims nothing
   * @param against who is bounded, as the canaries look at it
   */
  public record Claim(
      OptionalDouble epsilon,
      double delta,
      String unit,
      String relation,
      String mechanism,
      double noiseMultiplier,
      String against) {}

  /**
   * The lower bound.
   *
   * @param runs of the job, with fresh coins and fresh noise; canaries of all runs are pooled
   * @param noiseFactor part of the declared noise that was really drawn; 1 but for a drill
   * @param epsilon at least, with {@code confidence}, at the claim's delta
   * @param pureEpsilon the same for (epsilon, 0)
   * @param pValue how likely so many right guesses are at most if the claim holds; 1 if none is
   * @param needed right guesses that would have refuted the claim; more than there are if none
   * @param power part of the rehearsals in which half the declared noise would have been caught
   * @param rehearsals their number
   */
  public record Found(
      int runs,
      double noiseFactor,
      Guesses guesses,
      double confidence,
      double epsilon,
      double pureEpsilon,
      double pValue,
      int needed,
      double power,
      int rehearsals) {}

  /**
   * An attack against three views of the same clients. A value is empty where the attack does not
   * apply.
   *
   * @param nothing single updates lie open, without noise
   * @param sums sums alone, without noise
   * @param claimed what the job as it stands shows
   */
  public record Row(
      String attack,
      String measure,
      OptionalDouble nothing,
      OptionalDouble sums,
      OptionalDouble claimed) {}

  /** Whether the claim is refuted at the confidence. */
  public boolean refuted() {
    return claim.epsilon().isPresent() && canaries.pValue() <= 1 - canaries.confidence();
  }

  /** The same audit with what the attacks brought. */
  public AuditRecord with(List<Row> found) {
    return new AuditRecord(job, jobText, seed, claim, canaries, found);
  }

  /** What the numbers rest on and what they do not say. */
  public List<String> notes() {
    return List.of(
        "The lower bound holds if each canary's coin was thrown fairly and apart from the others, and"
            + " if the guesses were made from what the run released. Both are so here: the coins come"
            + " from the seed, and the number of guesses is fixed before the run.",
        "A canary is a whole client. It sends an update as long as the clip norm along a direction of"
            + " its own, or "
            + (claim.relation().equals("replace-one") ? "the opposite" : "zero")
            + ", and its noise share in both cases: the relation is "
            + claim.relation()
            + ".",
        "The attacker sees the sum of every round, and who was in it unless cohorts are secret. Other"
            + " views, such as memory, timing and the network, are not looked at.",
        "A bound below the claim proves nothing: it says what this attack found, with these canaries"
            + " and this many guesses.",
        "The noise of a simulation comes from its seed by the code that a live run uses with bits of"
            + " the operating system. Where those bits come from is not audited.");
  }
}
