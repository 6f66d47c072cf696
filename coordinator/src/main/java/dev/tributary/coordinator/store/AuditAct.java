package dev.tributary.coordinator.store;

import java.util.Locale;

/** What the audit log tells of. */
public enum AuditAct {
  /** A job was submitted to a coordinator, which runs it once its clients are there. */
  JOB_SUBMITTED,
  /** A job's first model and its part of the ledger were made. */
  JOB_BEGUN,
  /** A member left a job for good; it is named by its number alone. */
  MEMBER_WITHDRAWN,
  /** Other authorities count, or other certificates are revoked, than before. */
  TRUST_CHANGED,
  /** The operator that a ledger names has raised a population's budget. */
  BUDGET_RAISED,
  /** Somebody may administer the coordinator. */
  TOKEN_CREATED,
  /** Somebody may not any more. */
  TOKEN_REVOKED,
  /** No round of a job begins until it is resumed. */
  JOB_PAUSED,
  /** A paused job goes on. */
  JOB_RESUMED,
  /** A job has ended for good. */
  JOB_CANCELLED,
  /** The store was put back from a backup. */
  STORE_RESTORED,
  /** Somebody has said what was spent after that backup, and it was charged. */
  RESTORE_ACKNOWLEDGED;

  /** As it stands in the log: {@code job-begun}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
