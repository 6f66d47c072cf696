package dev.tributary.privacy;

import java.util.List;

/** What the records of a verified chain amount to. */
final class LedgerReplay {
  private LedgerReplay() {}

  /**
   * Verifies a whole chain and applies its records.
   *
   * @param entries at least one
   * @throws LedgerDamagedException if it is not what was written, or breaks a rule
   */
  static LedgerState of(List<LedgerEntry> entries) {
    List<LedgerRecord> records = LedgerChain.verify(entries.subList(0, 1));
    if (!(records.get(0) instanceof LedgerRecord.Opened opened)) {
      throw new LedgerDamagedException("a ledger begins with what it guards");
    }
    LedgerState state = new LedgerState(opened.budget());
    apply(state, entries.subList(1, entries.size()), entries.get(0).head());
    return state;
  }

  /** Verifies what follows {@code head}, and applies it. */
  static void apply(LedgerState state, List<LedgerEntry> entries, LedgerHead head) {
    long index = head.index();
    for (LedgerRecord record : LedgerChain.verify(entries, index + 1, head.hash())) {
      index++;
      try {
        state.apply(record);
      } catch (IllegalStateException e) {
        throw new LedgerDamagedException("ledger entry " + index + ": " + e.getMessage(), e);
      }
    }
  }
}
