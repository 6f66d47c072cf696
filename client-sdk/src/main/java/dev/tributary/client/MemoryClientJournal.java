package dev.tributary.client;

import dev.tributary.privacy.Charge;
import dev.tributary.privacy.InMemoryLedgerStorage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The journal of a simulated client. */
final class MemoryClientJournal implements ClientJournal {
  private final Map<String, CoordinatorLedger> ledgers = new HashMap<>();
  private final Map<String, ExampleLedger> examples = new HashMap<>();
  private final Map<String, String> signed = new HashMap<>();

  @Override
  public List<Participation> participations(String coordinator) {
    return ledger(coordinator).participations();
  }

  @Override
  public List<Charge> exampleCharges(String coordinator) {
    ExampleLedger ledger = examples.get(coordinator);
    return ledger == null ? List.of() : ledger.charges();
  }

  @Override
  public void contributed(Participation participation) {
    Charge steps = participation.examples();
    if (steps != null) {
      examples
          .computeIfAbsent(
              participation.coordinator(),
              key -> ExampleLedger.open(key, new InMemoryLedgerStorage()))
          .add(participation.task(), participation.round(), steps);
    }
    ledger(participation.coordinator()).add(participation);
  }

  @Override
  public void signedSurvivors(String session, String digest) {
    String before = signed.putIfAbsent(session, digest);
    if (before != null && !before.equals(digest)) {
      throw new IllegalStateException("another survivor set was signed in session " + session);
    }
  }

  private CoordinatorLedger ledger(String coordinator) {
    return ledgers.computeIfAbsent(
        coordinator, key -> CoordinatorLedger.open(key, new InMemoryLedgerStorage()));
  }
}
