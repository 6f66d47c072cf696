package dev.tributary.privacy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The hash chain: what was stored is what was written, all of it, in order. */
final class LedgerChain {
  private LedgerChain() {}

  /**
   * The records of a chain.
   *
   * @throws LedgerDamagedException if a link is missing, changed or does not follow the one before
   */
  static List<LedgerRecord> verify(List<LedgerEntry> entries) {
    return verify(entries, 0, LedgerEntry.START);
  }

  /** Those of the part of a chain that begins at {@code first}, after the hash {@code previous}. */
  static List<LedgerRecord> verify(List<LedgerEntry> entries, long first, String previous) {
    List<LedgerRecord> records = new ArrayList<>(entries.size());
    long i = first - 1;
    for (LedgerEntry entry : entries) {
      i++;
      if (entry.index() != i || !entry.previous().equals(previous) || !entry.sound()) {
        throw new LedgerDamagedException(
            "ledger entry " + i + " is not what was written. Restore the newest backup");
      }
      try {
        LedgerRecord record = LedgerRecord.parse(entry.content());
        if (record instanceof LedgerRecord.Raised raised && !raised.after().equals(previous)) {
          throw new IllegalArgumentException("a rise of the budget stands at another place");
        }
        records.add(record);
      } catch (IllegalArgumentException e) {
        throw new LedgerDamagedException(
            "ledger entry " + i + " cannot be read: " + e.getMessage(), e);
      }
      previous = entry.hash();
    }
    return records;
  }

  /**
   * Requires that the chain holds an entry that somebody remembers.
   *
   * @throws LedgerDamagedException if it does not: it was cut short, rolled back or forked
   */
  static void requireHolds(List<LedgerEntry> entries, Optional<LedgerHead> remembered, String who) {
    if (remembered.isEmpty()) {
      return;
    }
    long index = remembered.get().index();
    boolean holds =
        index >= 0
            && index < entries.size()
            && entries.get((int) index).head().equals(remembered.get());
    if (!holds) {
      throw new LedgerDamagedException(
          who
              + " remembers ledger entry "
              + index
              + ", which the chain of "
              + entries.size()
              + " does not hold: it was cut short, rolled back or forked."
              + " Restore the newest backup");
    }
  }
}
