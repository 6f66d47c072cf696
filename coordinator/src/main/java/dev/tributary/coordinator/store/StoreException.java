package dev.tributary.coordinator.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A store that cannot be used: locked, unreadable, damaged, full, or another job's. */
public final class StoreException extends RuntimeException {
  public static final String LOCKED = "store-locked";
  public static final String UNREADABLE = "store-unreadable";
  public static final String DAMAGED = "store-damaged";
  public static final String FULL = "disk-full";
  public static final String READ_ONLY = "store-read-only";
  public static final String RESTORED = "store-restored";
  public static final String BACKUP_DAMAGED = "backup-damaged";
  public static final String OTHER_VERSION = "backup-of-another-version";
  public static final String EXISTS = "store-exists";
  public static final String MISSING = "data-missing";
  public static final String NOT_WRITABLE = "output-not-writable";
  public static final String ACKNOWLEDGEMENT_REFUSED = "acknowledgement-refused";
  public static final String OTHER_JOB = "store-of-another-job";
  public static final String TAKEN_OVER = "store-taken-over";
  public static final String JOB_TAKEN_OVER = "job-taken-over";
  public static final String OTHER_KEY = "coordinator-key-differs";
  public static final String AUDIT_LOG_DAMAGED = "audit-log-damaged";

  private static final long serialVersionUID = 1L;
  private static final int SQLITE_READONLY = 8;
  private static final int SQLITE_IOERR = 10;
  private static final int SQLITE_CORRUPT = 11;
  private static final int SQLITE_FULL = 13;
  private static final int SQLITE_CANTOPEN = 14;
  private static final int SQLITE_NOTADB = 26;

  private final String code;

  public StoreException(String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The entry of docs/errors.md. */
  public String code() {
    return code;
  }

  /** Whether it may work later with nothing changed but the disk. */
  public boolean wantsRoom() {
    return code.equals(FULL) || code.equals(READ_ONLY);
  }

  /** The same of a failure of a file, or of one that it was the cause of. */
  public static boolean wantsRoom(Throwable failure) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth < 8; t = t.getCause(), depth++) {
      if (t instanceof StoreException known ? known.wantsRoom() : ofFile(t)) {
        return true;
      }
    }
    return false;
  }

  private static boolean ofFile(Throwable t) {
    return t instanceof IOException file && of("", file).wantsRoom();
  }

  static StoreException of(String what, SQLException e) {
    if (e.getErrorCode() == 0) {
      return ofState(what, e);
    }
    return switch (e.getErrorCode() & 0xff) {
      case SQLITE_FULL -> full(what, e);
      case SQLITE_CORRUPT, SQLITE_NOTADB -> damaged(what, e);
      case SQLITE_READONLY -> readOnly(what, e);
      case SQLITE_IOERR, SQLITE_CANTOPEN -> unreadable(what, e);
      default -> new StoreException(UNREADABLE, what + ": " + e.getMessage(), e);
    };
  }

  /** PostgreSQL tells what happened by an SQLState alone. */
  private static StoreException ofState(String what, SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals("53100")) {
      return full(what, e);
    }
    if (state.equals("25006")) {
      return readOnly(what, e);
    }
    if (state.startsWith("XX")) {
      return damaged(what, e);
    }
    return new StoreException(
        UNREADABLE,
        what
            + ": "
            + e.getMessage()
            + ". Check that the database runs, and its address, user and password.",
        e);
  }

  private static StoreException damaged(String what, SQLException e) {
    return new StoreException(
        DAMAGED,
        what
            + ": the database is damaged ("
            + e.getMessage()
            + "). Restore it from a backup no older than the last released model; a store is"
            + " never started afresh over a damaged one.",
        e);
  }

  static StoreException of(String what, UncheckedIOException e) {
    IOException cause = e.getCause();
    return of(what, cause == null ? new IOException(e) : cause);
  }

  static StoreException of(String what, IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("No space left") || message.contains("quota")) {
      return full(what, e);
    }
    return message.contains("Read-only file system") ? readOnly(what, e) : unreadable(what, e);
  }

  private static StoreException full(String what, Exception e) {
    return new StoreException(
        FULL, what + ": the disk is full. Free some space; nothing is lost.", e);
  }

  private static StoreException readOnly(String what, Exception e) {
    return new StoreException(
        READ_ONLY,
        what + ": the disk or database takes no writes now. Make it writable; nothing is lost.",
        e);
  }

  private static StoreException unreadable(String what, Exception e) {
    return new StoreException(
        UNREADABLE,
        what
            + ": "
            + e.getMessage()
            + ". Check that the folder exists and that this user may"
            + " read and write it.",
        e);
  }
}
