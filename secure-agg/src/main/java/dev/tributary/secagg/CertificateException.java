package dev.tributary.secagg;

/** Bytes that are no certificate, or a certificate that cannot be made. */
public final class CertificateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception with this message. */
  public CertificateException(String message) {
    super(message);
  }
}
