package dev.tributary.client;

import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerStorage;
import dev.tributary.privacy.OpenReservation;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the client's updates tell one coordinator about a single example of its data, over all jobs:
 * privacy's hash chain for {@link Unit#EXAMPLE}, apart from the ledger of the whole data, since the
 * two are never added up. A round is an entry with the steps that its job has taken so far; it is
 * never settled, as a client cannot know who has seen its update.
 */
final class ExampleLedger {
  /** Only the form of a budget asks for a delta: nothing is refused by it. */
  private static final double RECORDING_DELTA = 1e-5;

  private record Steps(String task, PrivacyEvent event) {}

  private final Ledger ledger;

  private ExampleLedger(Ledger ledger) {
    this.ledger = ledger;
  }

  static ExampleLedger open(String coordinator, LedgerStorage storage) {
    Budget recording =
        new Budget(
            "examples of a client of " + coordinator,
            Unit.EXAMPLE,
            Relation.ZERO_OUT,
            Double.POSITIVE_INFINITY,
            RECORDING_DELTA);
    return new ExampleLedger(
        storage.load().isEmpty()
            ? Ledger.create(storage, recording)
            : Ledger.open(storage, recording));
  }

  /** Steps by job and event; equal events of different jobs stand apart. */
  List<Charge> charges() {
    List<Charge> charges = new ArrayList<>();
    steps().forEach((share, count) -> charges.add(new Charge(share.event(), count)));
    return charges;
  }

  private Map<Steps, Integer> steps() {
    Map<Steps, Integer> steps = new LinkedHashMap<>();
    for (OpenReservation round : ledger.open()) {
      steps.merge(new Steps(round.task(), round.event()), round.participations(), Math::max);
    }
    return steps;
  }

  /** Charges a round, once: it may have been written before a crash that its repetition follows. */
  void add(String task, int round, Charge charge) {
    boolean charged =
        ledger.open().stream().anyMatch(each -> each.task().equals(task) && each.round() == round);
    if (!charged) {
      int before = steps().getOrDefault(new Steps(task, charge.event()), 0);
      ledger.reserve(task, round, charge.event(), Math.addExact(before, charge.count()));
    }
  }
}
