package dev.tributary.privacy;

import java.util.List;
import java.util.Optional;

/**
 * A guarantee by who is looking. Only an outsider, who learns no cohort, has the amplification of
 * sampled events; cohort members know who was in a round, and the coordinator too. Against the
 * coordinator there is a guarantee only where the units make the noise.
 *
 * @param outsider whoever sees released models
 * @param cohortMember other units of the same rounds
 * @param coordinator empty where it sees sums before their noise
 */
public record ObserverRows(
    Guarantee outsider, Guarantee cohortMember, Optional<Guarantee> coordinator) {

  /**
   * @param released what released models cost
   * @param seen what the sums cost that the coordinator may have seen
   * @param budget whose delta, unit and relation count
   */
  static ObserverRows of(List<Charge> released, List<Charge> seen, Budget budget) {
    boolean bounded = seen.stream().allMatch(charge -> EventNoise.madeByUnits(charge.event()));
    return new ObserverRows(
        Ledger.guarantee(released, budget),
        Ledger.guarantee(unsampled(released), budget),
        bounded ? Optional.of(Ledger.guarantee(seen, budget)) : Optional.empty());
  }

  /** The same to somebody who knows who was in which round. */
  static List<Charge> unsampled(List<Charge> charges) {
    return charges.stream()
        .map(charge -> new Charge(EventNoise.unsampled(charge.event()), charge.count()))
        .toList();
  }
}
