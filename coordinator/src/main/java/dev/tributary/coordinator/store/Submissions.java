package dev.tributary.coordinator.store;

import java.util.List;
import java.util.Optional;

/** The jobs that were submitted to a coordinator, with their files; they outlive the process. */
public final class Submissions {
  private final Store store;

  Submissions(Store store) {
    this.store = store;
  }

  /**
   * A submitted job.
   *
   * @param source text of its job file
   */
  public record Submission(String name, String source) {}

  /** All of them, in the order in which they came. */
  public List<Submission> all() {
    return store.transaction(
        "Reading the submitted jobs",
        sql ->
            sql.query(
                "SELECT name, source FROM submitted_job ORDER BY number",
                row -> new Submission(row.getString(1), row.getString(2))));
  }

  /** The text of a job's file, if it was submitted. */
  public Optional<String> source(String name) {
    return store.transaction(
        "Reading the submitted job " + name,
        sql ->
            sql
                .query(
                    "SELECT source FROM submitted_job WHERE name = ?",
                    row -> row.getString(1),
                    name)
                .stream()
                .findFirst());
  }

  /**
   * Keeps a job, and who submitted which file in the audit log. A name is used once in the life of
   * a store, whatever became of its job.
   *
   * @return false if the name is used already; then nothing is written
   */
  public boolean add(String who, String name, String source) {
    return store.transaction(
        "Writing the submitted job " + name,
        sql -> {
          store.auditLog().alone(sql);
          List<Integer> used =
              sql.query(
                  "SELECT 1 FROM submitted_job WHERE name = ?"
                      + " UNION SELECT 1 FROM task WHERE name = ?"
                      + " UNION SELECT 1 FROM job_control WHERE task = ?",
                  row -> row.getInt(1),
                  name,
                  name,
                  name);
          if (!used.isEmpty()) {
            return false;
          }
          store
              .auditLog()
              .append(
                  sql,
                  who,
                  AuditAct.JOB_SUBMITTED,
                  "job " + name + ", file " + TaskStore.digest(source));
          sql.update(
              "INSERT INTO submitted_job (name, number, source)"
                  + " SELECT ?, COALESCE(MAX(number) + 1, 1), ? FROM submitted_job",
              name,
              source);
          return true;
        });
  }
}
