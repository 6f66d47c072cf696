package dev.tributary.simulation.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS 1.3 to a server that is known by its certificate's fingerprint, or by who signed it. */
final class PinnedTls {
  private PinnedTls() {}

  /** The server showed another certificate than the one that was expected. */
  static final class Mismatch extends CertificateException {
    private static final long serialVersionUID = 1L;

    Mismatch(String shown) {
      super(
          "The server's certificate has the fingerprint sha256:"
              + shown
              + ", which is not the one that was given. If the coordinator has a new certificate,"
              + " give the fingerprint that it prints at its start; else somebody is in between.");
    }
  }

  /**
   * Trusts one certificate, and asks nothing else of it: the pin says more than a name.
   *
   * @param fingerprint SHA-256 of its DER, 64 lower-case hex digits
   */
  static SSLContext to(String fingerprint) {
    return context(new TrustManager[] {new Pin(HexFormat.of().parseHex(fingerprint))});
  }

  /** Trusts the certificates of a PEM file, and what they signed, for the name of the server. */
  static SSLContext signedBy(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
      known.load(null, null);
      int count = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        known.setCertificateEntry("ca-" + count++, each);
      }
      if (count == 0) {
        throw new CertificateException("it holds no certificate");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(known);
      return context(trust.getTrustManagers());
    } catch (IOException | GeneralSecurityException e) {
      throw new CommandException(
          ErrorCode.KEY_FILE_UNUSABLE,
          file + " cannot be used as certificates in PEM: " + e.getMessage(),
          e);
    }
  }

  private static SSLContext context(TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform from 11 on has TLS 1.3", e);
    }
  }

  private static final class Pin extends X509ExtendedTrustManager {
    private final byte[] pinned;

    Pin(byte[] pinned) {
      this.pinned = pinned;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      byte[] shown;
      try {
        shown = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
      } catch (GeneralSecurityException e) {
        throw new CertificateException(e);
      }
      if (!MessageDigest.isEqual(shown, pinned)) {
        throw new Mismatch(HexFormat.of().formatHex(shown));
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this end is the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
