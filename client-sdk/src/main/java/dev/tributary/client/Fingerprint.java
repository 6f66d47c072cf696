package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The SHA-256 of a certificate's DER, as the coordinator prints it: {@code sha256:9f2c...}, 64 hex
 * digits.
 */
record Fingerprint(String hex) {
  private static final String PREFIX = "sha256:";

  static Fingerprint parse(String text) {
    String hex = text.strip().toLowerCase(Locale.ROOT);
    hex = hex.startsWith(PREFIX) ? hex.substring(PREFIX.length()) : hex;
    hex = hex.replace(":", "");
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID,
          "A fingerprint is sha256: and 64 hex digits, as the coordinator prints it. Provided: "
              + text);
    }
    return new Fingerprint(hex);
  }

  static Fingerprint of(X509Certificate certificate) throws CertificateException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return new Fingerprint(HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }

  /** The server showed another certificate. */
  static final class Mismatch extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final String got;

    Mismatch(Fingerprint expected, Fingerprint got) {
      super("expected " + expected + ", got " + got);
      this.expected = expected.toString();
      this.got = got.toString();
    }

    String expected() {
      return expected;
    }

    String got() {
      return got;
    }
  }
}
