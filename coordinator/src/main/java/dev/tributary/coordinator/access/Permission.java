package dev.tributary.coordinator.access;

/** What can be asked of a coordinator by those who administer it. */
public enum Permission {
  /** See the jobs and how they stand. */
  SEE_JOBS,
  /** Submit, pause, resume and cancel jobs. */
  CONTROL_JOBS,
  /** Read the audit log. */
  SEE_AUDIT_LOG,
  /** Make, list and revoke tokens. */
  MANAGE_TOKENS
}
