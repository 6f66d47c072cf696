package dev.tributary.coordinator.store;

import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Checks an audit log entry by entry: what is there is what was written, all of it, in order.
 *
 * <p>The chain shows changes to whoever knows a hash of it from before. Who can write the whole
 * database can write a whole new chain: note the head's number and hash elsewhere, now and then,
 * and check that they are still in it ({@link #expect}).
 */
public final class AuditChain {

  /** An entry's number and hash. */
  public record Link(long number, String hash) {}

  private Link last = new Link(0, AuditEntry.START);
  private @Nullable Link expected;

  /**
   * Checks a whole log, page by page.
   *
   * @param pages gives the entries from a number on, all or the first {@link AuditLog#PAGE}
   * @param noted an entry that must be in it; null for none
   * @return the last entry; number 0 for an empty log
   * @throws StoreException naming the first entry that is not what was written, or is missing
   */
  public static Link verify(LongFunction<AuditLog.Page> pages, @Nullable Link noted) {
    AuditChain chain = new AuditChain();
    if (noted != null) {
      chain.expect(noted);
    }
    AuditLog.Page page = pages.apply(Long.MIN_VALUE);
    List<AuditEntry> entries = page.entries();
    entries.forEach(chain::add);
    while (entries.size() >= AuditLog.PAGE) {
      page = pages.apply(entries.get(entries.size() - 1).number() + 1);
      entries = page.entries();
      entries.forEach(chain::add);
    }
    return chain.end(page.head());
  }

  /** This entry, noted earlier, must be in the chain. */
  public void expect(Link noted) {
    expected = noted;
  }

  /**
   * Takes the next entry.
   *
   * @throws StoreException naming the entry that is missing or changed
   */
  public void add(AuditEntry entry) {
    long next = last.number() + 1;
    if (entry.number() != next) {
      throw damaged(
          entry.number() > next
              ? "entry " + next + " is missing: entry " + entry.number() + " comes next"
              : "entry " + entry.number() + " comes after entry " + last.number());
    }
    if (!entry.follows(last.hash())) {
      throw damaged(
          "entry "
              + entry.number()
              + " is not what was written ("
              + entry.at()
              + ", "
              + entry.what()
              + ")");
    }
    last = new Link(entry.number(), entry.hash());
    if (expected != null && expected.number() == last.number() && !expected.equals(last)) {
      throw damaged("entry " + last.number() + " is another one than was noted earlier");
    }
  }

  /**
   * The end has come.
   *
   * @param head as it is kept apart; null if there is none
   * @return the last entry; number 0 for an empty log
   * @throws StoreException if entries were cut off, or the head is not the last entry's
   */
  public Link end(@Nullable Link head) {
    Link kept = head == null ? new Link(0, AuditEntry.START) : head;
    if (kept.number() > last.number()) {
      throw damaged(
          "it ends with entry "
              + last.number()
              + " and had "
              + kept.number()
              + ": entry "
              + (last.number() + 1)
              + " is missing");
    }
    if (!kept.equals(last)) {
      throw damaged(
          head == null
              ? "the head that names its last entry, " + last.number() + ", is missing"
              : "its head does not name its last entry, " + last.number());
    }
    if (expected != null && expected.number() > last.number()) {
      throw damaged(
          "it ends with entry "
              + last.number()
              + ", and entry "
              + expected.number()
              + " was noted earlier");
    }
    return last;
  }

  static StoreException damaged(String what) {
    return new StoreException(
        StoreException.AUDIT_LOG_DAMAGED,
        "The audit log is damaged: "
            + what
            + ". Keep a copy of the store as it is, find out who could write to it, and go on with"
            + " a backup.",
        null);
  }
}
