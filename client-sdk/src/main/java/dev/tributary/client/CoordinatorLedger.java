package dev.tributary.client;

import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerStorage;
import java.util.List;

/**
 * The client's own ledger towards one coordinator: privacy's hash chain under a budget that records
 * and never refuses. What may be spent is the policy's to say, and a policy may change.
 */
final class CoordinatorLedger {
  /** Only the form of a budget asks for a delta: nothing is refused by it. */
  private static final double RECORDING_DELTA = 1e-5;

  private final String coordinator;
  private final Ledger ledger;

  private CoordinatorLedger(String coordinator, Ledger ledger) {
    this.coordinator = coordinator;
    this.ledger = ledger;
  }

  static CoordinatorLedger open(String coordinator, LedgerStorage storage) {
    Budget recording =
        new Budget(
            "client of " + coordinator,
            PolicyCheck.UNIT,
            PolicyCheck.RELATION,
            Double.POSITIVE_INFINITY,
            RECORDING_DELTA);
    Ledger ledger =
        storage.load().isEmpty()
            ? Ledger.create(storage, recording)
            : Ledger.open(storage, recording);
    return new CoordinatorLedger(coordinator, ledger);
  }

  List<Participation> participations() {
    return ledger.participations().stream()
        .map(each -> new Participation(coordinator, each.task(), each.round(), each.event()))
        .toList();
  }

  void add(Participation next) {
    boolean stale =
        ledger.participations().stream()
            .anyMatch(each -> each.task().equals(next.task()) && each.round() >= next.round());
    if (stale) {
      throw new IllegalStateException(
          "round " + next.round() + " of " + next.task() + ", or a later one, is recorded already");
    }
    ledger.spend(next.task(), next.round(), next.event());
  }
}
