package dev.tributary.simulation.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What can end a command, with its exit status (sysexits.h where it has a number for the case). The
 * words are those of the modules; each has a section of its name in docs/errors.md.
 */
public enum ErrorCode {
  // The command line
  USAGE(64),
  INTERRUPTED(130),
  INTERNAL(70),
  OUT_OF_MEMORY(71),
  OUTPUT_NOT_WRITABLE(73),
  // Job files
  JOB_UNREADABLE(66),
  JOB_SYNTAX(65),
  JOB_UNKNOWN_KEY(65),
  JOB_MISSING_KEY(65),
  JOB_WRONG_TYPE(65),
  JOB_OUT_OF_RANGE(65),
  BUDGET_TOO_SMALL(65),
  BUDGET_EXCEEDED(65),
  SCHEDULE_INFEASIBLE(65),
  COHORT_BELOW_FLOOR(65),
  DROPOUT_TOLERANCE(65),
  SUM_IMPOSSIBLE(65),
  RING_TOO_SMALL(65),
  RELATION_NOT_COVERED(65),
  SAMPLING_NOT_COVERED(65),
  UNIT_NOT_COVERED(65),
  NOISE_NOT_FOR_CLIENTS(65),
  NEEDS_INDIVIDUAL_UPDATES(65),
  DATA_DEPENDENT_DENOMINATOR(65),
  MODEL_DOES_NOT_FIT(65),
  // Data
  DATA_MISSING(66),
  DATA_UNKNOWN(66),
  DATA_DAMAGED(65),
  DATA_DOES_NOT_FIT(65),
  MODEL_MISSING(66),
  MODEL_DAMAGED(65),
  ENGINE_UNAVAILABLE(69),
  BACKEND_UNAVAILABLE(69),
  // Runs
  NO_ROUND_COMPLETED(75),
  PROCESS_DIED(75),
  INVARIANT_BROKEN(70),
  // The coordinator
  PORT_IN_USE(69),
  CANNOT_LISTEN(69),
  MODE_NEEDS_AUTHORITY(78),
  POPULATION_MISSING(78),
  STORE_LOCKED(75),
  STORE_TAKEN_OVER(75),
  JOB_TAKEN_OVER(75),
  COORDINATOR_KEY_DIFFERS(78),
  STORE_UNREADABLE(74),
  STORE_DAMAGED(74),
  STORE_OF_ANOTHER_JOB(78),
  DISK_FULL(74),
  STORE_READ_ONLY(74),
  STORE_RESTORED(77),
  STORE_EXISTS(73),
  BACKUP_DAMAGED(74),
  BACKUP_OF_ANOTHER_VERSION(65),
  ACKNOWLEDGEMENT_REFUSED(65),
  LEDGER_DAMAGED(74),
  AUDIT_LOG_DAMAGED(74),
  TOKEN_NAME_TAKEN(65),
  TOKEN_NAME_UNKNOWN(66),
  TOKEN_REQUEST_MALFORMED(65),
  ACCESS_REFUSED(77),
  ADMINISTRATION_REFUSED(65),
  OPERATOR_REFUSED(77),
  KEY_FILE_UNUSABLE(66),
  TRUST_OUTDATED(77),
  // Clients
  CONFIGURATION_INVALID(78),
  COORDINATOR_UNREACHABLE(69),
  COORDINATOR_BUSY(75),
  CERTIFICATE_MISMATCH(77),
  COORDINATOR_KEY_CHANGED(77),
  CHECK_IN_REFUSED(77),
  TOKEN_EXPIRED(75),
  ROUND_OVER(75),
  REQUEST_REFUSED(76),
  REPLY_INVALID(76),
  MODEL_TAMPERED(76),
  TRAINING_FAILED(70),
  CLOCK_WRONG(77),
  PROXY_REFUSED(77),
  MODEL_NOT_ALLOWED(77),
  ENROLMENT_FAILED(75),
  WITHDRAWAL_PENDING(75),
  STATE_IN_USE(75),
  STATE_DAMAGED(74),
  STATE_UNUSABLE(74);

  private final int exitStatus;

  ErrorCode(int exitStatus) {
    this.exitStatus = exitStatus;
  }

  /** The exit status of the process. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The word in messages and the anchor in docs/errors.md, as in {@code port-in-use}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The code with that word. */
  public static Optional<ErrorCode> of(String word) {
    return Arrays.stream(values()).filter(code -> code.word().equals(word)).findFirst();
  }
}
