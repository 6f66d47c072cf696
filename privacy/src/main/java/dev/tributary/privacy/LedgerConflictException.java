package dev.tributary.privacy;

/** Somebody else appended to the ledger first. Open it again and decide anew. */
public final class LedgerConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LedgerConflictException(String message) {
    super(message);
  }
}
