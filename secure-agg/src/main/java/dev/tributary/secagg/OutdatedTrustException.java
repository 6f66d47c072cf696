package dev.tributary.secagg;

/**
 * Trust anchors whose revocation list is older than one that was seen before: somebody may want a
 * revoked certificate to count again.
 */
public final class OutdatedTrustException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception with this message. */
  public OutdatedTrustException(String message) {
    super(message);
  }
}
