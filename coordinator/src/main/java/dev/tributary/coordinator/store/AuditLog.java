package dev.tributary.coordinator.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who did what, and every change of trust, as a hash chain. An entry is written in the transaction
 * of the act that it tells of: neither is ever without the other. Entries stay for ever.
 */
public final class AuditLog {
  /** Entries that are read at once, at most. */
  public static final int PAGE = 1_000;

  /** Begins what is noted of TLS certificates. */
  private static final String CLIENTS = "TLS certificates of clients: ";

  private static final String HEAD = "log";
  private static final int LONGEST = 4_096;
  private static final int LONGEST_WHO = 200;

  private final Store store;
  private final Clock clock;

  AuditLog(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * A part of the log.
   *
   * @param head the last entry of the log at that time, as it is kept apart; null if there is none
   */
  public record Page(List<AuditEntry> entries, AuditChain.@Nullable Link head) {}

  /** Entries in order, from a number on. */
  public Page page(long from, int atMost) {
    if (atMost < 1 || atMost > PAGE) {
      throw new IllegalArgumentException(
          "entries are read 1 to " + PAGE + " at once. Provided: " + atMost);
    }
    return store.transaction(
        "Reading the audit log",
        sql ->
            new Page(
                sql.query(
                    "SELECT number, at, who, what, detail, hash FROM audit_entry WHERE number >= ?"
                        + " ORDER BY number LIMIT ?",
                    AuditLog::entry,
                    from,
                    atMost),
                head(sql)));
  }

  /**
   * Checks the whole log.
   *
   * @param noted an entry that must be in it; null for none
   * @return the last entry; number 0 for an empty log
   * @throws StoreException naming the first entry that is not what was written, or is missing
   */
  public AuditChain.Link verify(AuditChain.@Nullable Link noted) {
    return AuditChain.verify(from -> page(from, PAGE), noted);
  }

  /** Notes who is trusted, if that is not what was noted last. */
  public void trust(String who, String anchors) {
    noted(who, "NOT LIKE", anchors, true);
  }

  /**
   * The same of the TLS certificates that clients must show.
   *
   * @param authorities null where none are asked for; noted only if some were before
   */
  public void clientAuthorities(String who, @Nullable String authorities) {
    noted(who, "LIKE", CLIENTS + (authorities == null ? "none" : authorities), authorities != null);
  }

  /** Each of the two is compared with the last of its kind. */
  private void noted(String who, String like, String detail, boolean first) {
    store.transaction(
        "Writing to the audit log",
        sql -> {
          alone(sql);
          String word = AuditAct.TRUST_CHANGED.word();
          List<String> before =
              sql.query(
                  "SELECT detail FROM audit_entry WHERE what = ? AND detail "
                      + like
                      + " ? ORDER BY number DESC LIMIT 1",
                  row -> row.getString(1),
                  word,
                  CLIENTS + "%");
          if (before.isEmpty() ? first : !before.get(0).equals(line(detail, LONGEST))) {
            append(sql, who, AuditAct.TRUST_CHANGED, detail);
          }
          return before.size();
        });
  }

  /**
   * Appends an entry within the transaction of its act.
   *
   * @throws StoreException if the end of the log is damaged: then nothing is done
   */
  void append(Sql sql, String who, AuditAct what, String detail) throws SQLException {
    alone(sql);
    AuditChain.Link head = head(sql);
    List<AuditEntry> last =
        sql.query(
            "SELECT number, at, who, what, detail, hash FROM audit_entry"
                + " ORDER BY number DESC LIMIT 1",
            AuditLog::entry);
    long number = head == null ? 0 : head.number();
    String hash = head == null ? AuditEntry.START : head.hash();
    if (last.isEmpty()
        ? number != 0
        : last.get(0).number() != number || !last.get(0).hash().equals(hash)) {
      throw AuditChain.damaged(
          "its head names entry "
              + number
              + ", and its last is entry "
              + (last.isEmpty() ? 0 : last.get(0).number())
              + (last.isEmpty() ? "" : " with the hash " + last.get(0).hash()));
    }
    AuditEntry next =
        AuditEntry.link(
            hash,
            number + 1,
            clock.instant().truncatedTo(ChronoUnit.MILLIS).toString(),
            line(who, LONGEST_WHO),
            what.word(),
            line(detail, LONGEST));
    sql.update(
        "INSERT INTO audit_entry (number, at, who, what, detail, hash) VALUES (?, ?, ?, ?, ?, ?)",
        next.number(),
        next.at(),
        next.who(),
        next.what(),
        next.detail(),
        next.hash());
    int moved =
        sql.update(
            "UPDATE audit_head SET number = ?, hash = ? WHERE name = ?",
            next.number(),
            next.hash(),
            HEAD);
    if (moved == 0) {
      sql.update(
          "INSERT INTO audit_head (name, number, hash) VALUES (?, ?, ?)",
          HEAD,
          next.number(),
          next.hash());
    }
    store.probe().at("audited");
  }

  /** From now on until the transaction has ended, nobody else appends. */
  void alone(Sql sql) throws SQLException {
    store.serialise(sql, "audit log");
  }

  private static AuditChain.@Nullable Link head(Sql sql) throws SQLException {
    return sql
        .query(
            "SELECT number, hash FROM audit_head WHERE name = ?",
            row -> new AuditChain.Link(row.getLong(1), row.getString(2)),
            HEAD)
        .stream()
        .findFirst()
        .orElse(null);
  }

  private static AuditEntry entry(ResultSet row) throws SQLException {
    return new AuditEntry(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6));
  }

  /** Whatever was given as one line that is safe to print, cut where it is too long. */
  private static String line(String text, int longest) {
    String line = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
    return line.length() <= longest ? line : line.substring(0, longest - 3) + "...";
  }
}
