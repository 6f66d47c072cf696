package dev.tributary.client.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 of a certificate's DER, as the coordinator prints it: {@code sha256:9f2c...}, 64 hex
 * digits.
 *
 * @param hex 64 lower-case hex digits
 */
public record Fingerprint(String hex) {
  private static final String PREFIX = "sha256:";
  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{64}");

  /** Refuses what is not 64 lower-case hex digits. */
  public Fingerprint {
    if (!DIGITS.matcher(hex).matches()) {
      throw new IllegalArgumentException("not 64 lower-case hex digits: " + hex);
    }
  }

  /**
   * Reads a fingerprint, with or without the prefix and colons between the bytes.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Fingerprint parse(String text) {
    String hex = text.strip().toLowerCase(Locale.ROOT);
    hex = hex.startsWith(PREFIX) ? hex.substring(PREFIX.length()) : hex;
    return new Fingerprint(hex.replace(":", ""));
  }

  static Fingerprint of(X509Certificate certificate) throws CertificateException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return new Fingerprint(HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** TLS 1.3 to whoever shows this certificate; a handshake with another ends in a mismatch. */
  public SSLContext tls() {
    return tls((KeyManager[]) null);
  }

  /** The same with something to show itself; null for nothing. */
  public SSLContext tls(@Nullable KeyManager @Nullable [] shown) {
    return tls(shown, new TrustManager[] {new PinnedTrust(this)});
  }

  /**
   * TLS 1.3 under other trust.
   *
   * @param shown null for nothing
   * @param trust null for the authorities of the JVM
   */
  public static SSLContext tls(
      @Nullable KeyManager @Nullable [] shown, TrustManager @Nullable [] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(shown, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform from 11 on has TLS 1.3", e);
    }
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }

  /** The server showed another certificate. */
  public static final class Mismatch extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final String expected;
    private final String got;

    Mismatch(Fingerprint expected, Fingerprint got) {
      super("expected " + expected + ", got " + got);
      this.expected = expected.toString();
      this.got = got.toString();
    }

    /** What was pinned. */
    public String expected() {
      return expected;
    }

    /** What the server showed. */
    public String got() {
      return got;
    }
  }
}
