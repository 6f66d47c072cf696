package dev.tributary.privacy;

import java.util.List;
import java.util.Optional;

/** Where a ledger's entries live. Append only. */
public interface LedgerStorage {
  /** All entries, first to last, exactly as appended; empty if there never was one. */
  List<LedgerEntry> load();

  /** The entries from {@code index} on. */
  default List<LedgerEntry> loadFrom(long index) {
    List<LedgerEntry> all = load();
    return all.subList((int) Math.min(Math.max(0, index), all.size()), all.size());
  }

  /**
   * Appends durably, or not at all: when this returns, a crash cannot lose the entry.
   *
   * @throws LedgerConflictException if {@code entry.index()} is not the number of entries stored
   */
  void append(LedgerEntry entry);

  /**
   * The last entry that was appended, from a record kept apart from the entries, so that entries
   * cut off the end are missed. May lag behind {@link #load} by what a crash left unacknowledged.
   * Empty where no such record is kept.
   */
  default Optional<LedgerHead> head() {
    return Optional.empty();
  }
}
