package dev.tributary.coordinator.job;

import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerEntry;
import dev.tributary.privacy.LedgerStorage;
import dev.tributary.privacy.PrivacyEvent;
import java.util.ArrayList;
import java.util.List;

/** A ledger in memory, under the rules of the real one, to try a job on. */
final class DryLedger {
  private final Ledger ledger;

  DryLedger(Budget budget) {
    this.ledger = Ledger.create(new Memory(), budget);
  }

  void reserve(String task, int round, PrivacyEvent event, int participations) {
    ledger.reserve(task, round, event, participations);
  }

  private static final class Memory implements LedgerStorage {
    private final List<LedgerEntry> entries = new ArrayList<>();

    @Override
    public List<LedgerEntry> load() {
      return List.copyOf(entries);
    }

    @Override
    public void append(LedgerEntry entry) {
      entries.add(entry);
    }
  }
}
