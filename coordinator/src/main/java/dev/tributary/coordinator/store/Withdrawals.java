package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * What becomes of the rows of members that have withdrawn. A row stays: cohorts and the schedule
 * name members by number. Its identity becomes that number, four bytes, which is no key of anybody.
 */
final class Withdrawals {
  /** Asked at the end of each round: it reads no member that is still in. */
  static final String WITHDRAWN =
      "SELECT member FROM member WHERE task = ? AND withdrawn IS NOT NULL AND LENGTH(identity) = ?";

  private static final int KEY = 32;

  private Withdrawals() {}

  /** The tasks that an identity is a member of and has not withdrawn from. */
  static List<String> tasks(Sql sql, byte[] identity) throws SQLException {
    return sql.query(
        "SELECT task FROM member WHERE identity = ? AND withdrawn IS NULL",
        row -> row.getString(1),
        identity);
  }

  /** Withdraws an identity from all tasks, and returns from how many. */
  static int withdraw(Sql sql, ByteString identity, Instant now, AuditLog log) throws SQLException {
    log.alone(sql);
    byte[] key = identity.toByteArray();
    List<String> tasks = tasks(sql, key);
    List<String> members =
        sql.query(
            "SELECT task, member FROM member WHERE identity = ? AND withdrawn IS NULL",
            row -> "member " + row.getInt(2) + " of job " + row.getString(1),
            key);
    for (String member : members) {
      log.append(sql, "client", AuditAct.MEMBER_WITHDRAWN, member);
    }
    sql.update(
        "UPDATE member SET withdrawn = ? WHERE identity = ? AND withdrawn IS NULL",
        now.toEpochMilli(),
        key);
    for (String task : tasks) {
      boolean inFlight =
          !sql.query(
                  "SELECT 1 FROM round WHERE task = ? AND state = ?",
                  row -> 1,
                  task,
                  RoundRecord.State.RUNNING.name())
              .isEmpty();
      if (!inFlight) {
        erase(sql, task);
      }
    }
    return tasks.size();
  }

  /** Removes what is left of the withdrawn members of a task that has no round in flight. */
  static void erase(Sql sql, String task) throws SQLException {
    List<Integer> members = sql.query(WITHDRAWN, row -> row.getInt(1), task, KEY);
    for (int member : members) {
      sql.update(
          "UPDATE member SET identity = ?, certificate = NULL WHERE task = ? AND member = ?",
          ByteBuffer.allocate(Integer.BYTES).putInt(member).array(),
          task,
          member);
    }
  }
}
