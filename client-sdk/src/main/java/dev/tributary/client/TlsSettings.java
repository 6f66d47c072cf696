package dev.tributary.client;

import dev.tributary.client.ClientException.Code;
import dev.tributary.client.tls.Fingerprint;
import dev.tributary.client.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client trusts in TLS, and what it shows itself where a coordinator asks for certificates.
 * Files are read when the client starts.
 */
public final class TlsSettings {
  private static final TlsSettings MACHINE = new TlsSettings(null, null, null, null, null);

  private final @Nullable String pin;
  private final @Nullable Path authorities;
  private final @Nullable Path certificate;
  private final @Nullable Path key;
  private final @Nullable KeyManager @Nullable [] shown;

  private TlsSettings(
      @Nullable String pin,
      @Nullable Path authorities,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable KeyManager @Nullable [] shown) {
    this.pin = pin;
    this.authorities = authorities;
    this.certificate = certificate;
    this.key = key;
    this.shown = shown;
  }

  /** Trusts what the machine trusts, with the host's name in the certificate, and shows nothing. */
  public static TlsSettings machine() {
    return MACHINE;
  }

  /**
   * Trusts exactly one certificate, whatever its names.
   *
   * @param fingerprint {@code sha256:} and the hash of the certificate's DER in hex, as the
   *     coordinator prints it at its start
   */
  public TlsSettings pin(String fingerprint) {
    return new TlsSettings(fingerprint, null, certificate, key, shown);
  }

  /**
   * Trusts these authorities in the place of the machine's, for the host's name.
   *
   * @param pem file with their certificates
   */
  public TlsSettings authorities(Path pem) {
    return new TlsSettings(null, pem, certificate, key, shown);
  }

  /**
   * Shows a certificate to a coordinator that asks for one.
   *
   * @param certificatePem the certificate, with those between it and its authority behind it
   * @param keyPem its key, PKCS #8 and not encrypted
   */
  public TlsSettings certificate(Path certificatePem, Path keyPem) {
    return new TlsSettings(pin, authorities, certificatePem, keyPem, null);
  }

  /**
   * Shows what is in a key store.
   *
   * @throws ClientException with {@code CONFIGURATION_INVALID} if the password is not its keys'
   */
  public TlsSettings keyStore(KeyStore store, char[] password) {
    try {
      return new TlsSettings(pin, authorities, null, null, managers(store, password));
    } catch (GeneralSecurityException e) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID,
          "The key store of tls().keyStore(...) cannot be used: " + e.getMessage(),
          e);
    }
  }

  /**
   * What these settings come to.
   *
   * @throws ClientException with {@code CONFIGURATION_INVALID} if a file cannot be used
   */
  public SSLContext context() {
    if (pin != null) {
      try {
        return Fingerprint.parse(pin).tls(shown());
      } catch (IllegalArgumentException e) {
        throw new ClientException(
            Code.CONFIGURATION_INVALID,
            "A fingerprint is sha256: and 64 hex digits, as the coordinator prints it. Provided: "
                + pin,
            e);
      }
    }
    return Fingerprint.tls(shown(), authorities == null ? null : trust(authorities));
  }

  private @Nullable KeyManager @Nullable [] shown() {
    if (certificate == null || key == null) {
      return shown;
    }
    try {
      char[] password = new char[0];
      return managers(PemFiles.keyStore(certificate, key), password);
    } catch (IOException | GeneralSecurityException e) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID,
          "The files "
              + certificate
              + " and "
              + key
              + " cannot be used as a TLS certificate and its key in PEM: "
              + e.getMessage(),
          e);
    }
  }

  private static KeyManager[] managers(KeyStore store, char[] password)
      throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    return keys.getKeyManagers();
  }

  private static TrustManager[] trust(Path file) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(PemFiles.trustStore(file));
      return trust.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new ClientException(
          Code.CONFIGURATION_INVALID,
          file + " cannot be used as certificates in PEM: " + e.getMessage(),
          e);
    }
  }
}
