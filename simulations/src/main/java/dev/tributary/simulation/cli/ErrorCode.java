package dev.tributary.simulation.cli;

import java.util.Locale;

/**
 * What can end a command, with its exit status (sysexits.h where it has a number for the case).
 * Each has a section of its name in docs/errors.md.
 */
public enum ErrorCode {
  USAGE(64),
  JOB_INVALID(65),
  BUDGET_TOO_SMALL(65),
  DATA_CORRUPT(65),
  DATA_UNSUITABLE(65),
  MODEL_TAMPERED(65),
  FILE_MISSING(66),
  DATA_UNKNOWN(66),
  COORDINATOR_UNREACHABLE(69),
  COORDINATOR_REFUSED(69),
  PORT_IN_USE(69),
  INTERNAL(70),
  OUTPUT_NOT_WRITABLE(73),
  DISK_FULL(74),
  STORE_FAILED(74),
  LEDGER_DAMAGED(74),
  PROCESS_DIED(75),
  ROUNDS_LOST(75),
  CERTIFICATE_WRONG(77),
  INTERRUPTED(130);

  private final int exitStatus;

  ErrorCode(int exitStatus) {
    this.exitStatus = exitStatus;
  }

  /** The exit status of the process. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The name in messages and the anchor in docs/errors.md, as in {@code port-in-use}. */
  public String anchor() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
