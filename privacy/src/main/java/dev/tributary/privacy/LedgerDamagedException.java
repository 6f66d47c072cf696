package dev.tributary.privacy;

/**
 * The ledger is not what was written: corrupt, missing, forked, cut short or older than what it
 * vouched for.
 */
public final class LedgerDamagedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LedgerDamagedException(String message) {
    super(message);
  }

  public LedgerDamagedException(String message, Throwable cause) {
    super(message, cause);
  }
}
