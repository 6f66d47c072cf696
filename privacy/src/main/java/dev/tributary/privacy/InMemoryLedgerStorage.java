package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a ledger for as long as the object lives: for simulations and tests. Safe for use by
 * several threads.
 */
public final class InMemoryLedgerStorage implements LedgerStorage {
  private final List<LedgerEntry> entries = new ArrayList<>();

  /** An empty storage. */
  public InMemoryLedgerStorage() {}

  @Override
  public synchronized List<LedgerEntry> load() {
    return List.copyOf(entries);
  }

  @Override
  public synchronized List<LedgerEntry> loadFrom(long index) {
    int from = (int) Math.min(Math.max(0, index), entries.size());
    return List.copyOf(entries.subList(from, entries.size()));
  }

  @Override
  public synchronized void append(LedgerEntry entry) {
    if (entry.index() != entries.size()) {
      throw new LedgerConflictException(
          "ledger entry " + entry.index() + " is not the next one, which is " + entries.size());
    }
    entries.add(entry);
  }

  @Override
  public synchronized Optional<LedgerHead> head() {
    return entries.isEmpty()
        ? Optional.empty()
        : Optional.of(entries.get(entries.size() - 1).head());
  }
}
