package dev.tributary.coordinator.store;

import java.sql.SQLException;
import java.util.List;

/** What those who administer jobs have said of them; it outlives the process. */
public final class JobControl {
  private final Store store;

  JobControl(Store store) {
    this.store = store;
  }

  /** What a job may do. */
  public enum State {
    /** Its rounds follow one another. */
    RUNNING(AuditAct.JOB_RESUMED),
    /** No round begins; the one in flight goes on. */
    PAUSED(AuditAct.JOB_PAUSED),
    /** It is over, for good. */
    CANCELLED(AuditAct.JOB_CANCELLED);

    private final AuditAct act;

    State(AuditAct act) {
      this.act = act;
    }
  }

  /** What was said last of a job; it runs as long as nothing was. */
  public State of(String job) {
    return store.transaction("Reading the state of job " + job, sql -> of(sql, job));
  }

  /**
   * Says it, and who says so in the audit log. Nothing is written where it was said before, and
   * nothing more of a job that is cancelled.
   *
   * @return what holds now
   */
  public State say(String who, String job, State to) {
    return store.transaction(
        "Writing the state of job " + job,
        sql -> {
          store.auditLog().alone(sql);
          State before = of(sql, job);
          if (before == to || before == State.CANCELLED) {
            return before;
          }
          store.auditLog().append(sql, who, to.act, "job " + job);
          int changed =
              sql.update("UPDATE job_control SET state = ? WHERE task = ?", to.name(), job);
          if (changed == 0) {
            sql.update("INSERT INTO job_control (task, state) VALUES (?, ?)", job, to.name());
          }
          return to;
        });
  }

  private static State of(Sql sql, String job) throws SQLException {
    List<State> said =
        sql.query(
            "SELECT state FROM job_control WHERE task = ?",
            row -> State.valueOf(row.getString(1)),
            job);
    return said.isEmpty() ? State.RUNNING : said.get(0);
  }
}
