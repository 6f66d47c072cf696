package dev.tributary.coordinator.store;

import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.OpenReservation;
import dev.tributary.privacy.PrivacyEvent;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A store that was put back from a backup is a ledger rolled back: what was spent after the backup
 * is not in it. Nothing is spent from it until somebody has said, in the audit log, how far each
 * job may have come; that is charged beside what the ledger holds, and its round numbers are never
 * used again.
 *
 * <p>The charge: a unit that took part in {@code p} of the lost rounds has spent them and whatever
 * the schedule gives it from now on, since the schedule knows nothing of them. The lost rounds
 * therefore stand in the ledger as a task of their own, which composes with the job's, with the
 * most participations that the job's schedule could have given anybody in so many rounds.
 */
public final class RollBack {
  private final Store store;
  private volatile @Nullable Boolean acknowledged;

  RollBack(Store store) {
    this.store = store;
  }

  /**
   * How far a job may have come after the backup.
   *
   * @param job its name
   * @param last the last round that may have begun; 0 for none
   * @param event of each of its rounds
   * @param participations most rounds that a client is ever in
   * @param correlated whether the noise of its rounds belongs together
   * @param part of the population's budget that it may spend
   * @param whole what the population may, if its ledger began with this job
   */
  public record Lost(
      String job,
      int last,
      PrivacyEvent event,
      int participations,
      boolean correlated,
      Budget part,
      Budget whole) {}

  /**
   * A job of the store.
   *
   * @param source text of its job file
   * @param last number of the last round that the store knows
   * @param cancelled whether it is over for good
   */
  public record Known(String job, String source, int last, boolean cancelled) {}

  /** Whether somebody still has to say what was spent. */
  public boolean pending() {
    Boolean known = acknowledged;
    if (known == null) {
      known =
          store.transaction(
              "Reading whether the store was restored",
              sql ->
                  sql.query("SELECT 1 FROM restored WHERE acknowledged IS NULL", row -> 1)
                      .isEmpty());
      acknowledged = known;
    }
    return !known;
  }

  void requireAcknowledged() {
    if (pending()) {
      throw new StoreException(
          StoreException.RESTORED,
          "The store "
              + store.directory()
              + " was put back from a backup, and what was spent after it is not in its ledger. Say"
              + " how far its jobs had come: tributary acknowledge-restore.",
          null);
    }
  }

  /** The jobs that were begun or submitted, by name. */
  public List<Known> jobs() {
    return store.transaction(
        "Reading the jobs of the store",
        sql ->
            sql.query(
                "SELECT name, source, (SELECT COALESCE(MAX(round), 0) FROM round WHERE task = name),"
                    + " (SELECT COUNT(*) FROM job_control WHERE job_control.task = name"
                    + " AND state = 'CANCELLED') FROM (SELECT name, source FROM task UNION ALL"
                    + " SELECT name, source FROM submitted_job"
                    + " WHERE name NOT IN (SELECT name FROM task)) AS job ORDER BY name",
                row ->
                    new Known(
                        row.getString(1), row.getString(2), row.getInt(3), row.getInt(4) > 0)));
  }

  /** Writes that the rows of this transaction are a backup's, and takes all tokens back. */
  void restored(Sql sql, String who, BackupManifest manifest) throws SQLException {
    String now = now();
    sql.update(
        "INSERT INTO restored (number, at, made)"
            + " SELECT COALESCE(MAX(number) + 1, 1), ?, ? FROM restored",
        now,
        manifest.made());
    // Those that were revoked after the backup would open again.
    int revoked = sql.update("UPDATE token SET revoked = ? WHERE revoked IS NULL", now);
    store
        .auditLog()
        .append(
            sql,
            who,
            AuditAct.STORE_RESTORED,
            "from a backup of " + manifest.made() + "; " + revoked + " tokens revoked");
    acknowledged = null;
  }

  /**
   * Charges what may have been spent after the backup, gives up the rounds that were in flight in
   * it, as spent, and lets jobs go on. A job with correlated noise that had more rounds ends: the
   * noise that it would go on from has been used.
   *
   * @param who says so
   * @param reason for whoever reads the audit log
   * @param lost of every job that is not cancelled, and of every job that was begun after the
   *     backup
   * @throws StoreException if a job is missing, or was further in the backup than is said
   * @throws dev.tributary.privacy.BudgetExceededException if a budget does not cover it; nothing is
   *     written
   */
  public void acknowledge(String who, String reason, List<Lost> lost) {
    Map<String, Known> jobs = new HashMap<>();
    jobs().forEach(job -> jobs.put(job.job(), job));
    store.transaction(
        "Acknowledging a restore",
        sql -> {
          List<Integer> numbers =
              sql.query(
                  "SELECT number FROM restored WHERE acknowledged IS NULL ORDER BY number",
                  row -> row.getInt(1));
          if (numbers.isEmpty()) {
            throw refused("the store was not restored, or that was acknowledged before");
          }
          List<String> said = new ArrayList<>();
          for (Lost job : lost) {
            said.add(charge(sql, numbers.get(numbers.size() - 1), job, jobs.remove(job.job())));
          }
          for (Known job : jobs.values()) {
            if (!job.cancelled()) {
              throw refused("nothing was said of the job " + job.job());
            }
          }
          store
              .auditLog()
              .append(
                  sql, who, AuditAct.RESTORE_ACKNOWLEDGED, reason + ": " + String.join(", ", said));
          return sql.update(
              "UPDATE restored SET acknowledged = ? WHERE acknowledged IS NULL", now());
        });
    acknowledged = null;
  }

  private String charge(Sql sql, int number, Lost lost, @Nullable Known known) throws SQLException {
    int recorded = known == null ? 0 : known.last();
    if (lost.last() < recorded) {
      throw refused(
          "job "
              + lost.job()
              + " had begun round "
              + recorded
              + " in the backup already, and not only round "
              + lost.last());
    }
    int rounds = lost.last() - recorded;
    SqlLedger chain = new SqlLedger(sql, lost.part().population());
    Ledger ledger =
        chain.load().isEmpty()
            ? Ledger.create(chain, lost.whole())
            : Ledger.open(chain, lost.part());
    for (OpenReservation open : ledger.open()) {
      if (open.task().equals(lost.job())) {
        spend(ledger, open.task(), open.round());
      }
    }
    giveUp(sql, lost.job());
    if (rounds > 0) {
      String task = lost.job() + " (lost in restore " + number + ")";
      ledger.reserve(task, lost.last(), lost.event(), Math.min(rounds, lost.participations()));
      spend(ledger, task, lost.last());
    }
    for (int round = recorded + 1; known != null && round <= lost.last(); round++) {
      sql.update(
          "INSERT INTO round (task, round, state, plan, cohort) VALUES (?, ?, ?, ?, ?)",
          lost.job(),
          round,
          RoundRecord.State.ABORTED.name(),
          new byte[0],
          new byte[0]);
    }
    if (rounds > 0 && (known == null || lost.correlated())) {
      sql.update("DELETE FROM job_control WHERE task = ?", lost.job());
      sql.update(
          "INSERT INTO job_control (task, state) VALUES (?, ?)",
          lost.job(),
          JobControl.State.CANCELLED.name());
    }
    return "job " + lost.job() + " up to round " + lost.last() + ", " + rounds + " of them lost";
  }

  private static void spend(Ledger ledger, String task, int round) {
    ledger.coordinatorSaw(task, round);
    ledger.commit(task, round);
  }

  private static void giveUp(Sql sql, String job) throws SQLException {
    sql.update(
        "UPDATE round SET state = ? WHERE task = ? AND state = ?",
        RoundRecord.State.ABORTED.name(),
        job,
        RoundRecord.State.RUNNING.name());
    sql.update("DELETE FROM journal WHERE task = ?", job);
    sql.update("DELETE FROM round_event WHERE task = ?", job);
    Withdrawals.erase(sql, job);
  }

  private static StoreException refused(String why) {
    return new StoreException(
        StoreException.ACKNOWLEDGEMENT_REFUSED, "The restore is not acknowledged: " + why, null);
  }

  private static String now() {
    return Instant.now(Clock.systemUTC()).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
