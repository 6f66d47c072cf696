package dev.tributary.simulation.cli;

import dev.tributary.client.tls.Fingerprint;
import dev.tributary.coordinator.access.TokenSecret;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which running coordinator a command speaks to, how it is known, and as whom. */
final class AdminOptions {
  @Option(names = "--url", paramLabel = "URL", description = "The coordinator, https://HOST:PORT.")
  private @Nullable URI url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token of whoever asks; a token is no option, which others see.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--fingerprint",
      paramLabel = "SHA256",
      description = "sha256:... of its certificate, as it prints it at its start.")
  private @Nullable String fingerprint;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "PEM file with who signs its certificate; without it and --fingerprint the system's"
              + " authorities count.")
  private @Nullable Path ca;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** Whether a running coordinator is meant. */
  boolean given() {
    return url != null;
  }

  /** The connection that the options describe. */
  AdminClient client() {
    URI to = url;
    if (to == null || tokenFile == null) {
      throw misused("Give --url https://HOST:PORT and --token-file FILE.");
    }
    if (!"https".equals(to.getScheme()) || to.getHost() == null) {
      throw misused("--url is https://HOST:PORT. Provided: " + to);
    }
    return new AdminClient(to, tls(), token(tokenFile));
  }

  private @Nullable SSLContext tls() {
    if (fingerprint != null && ca != null) {
      throw misused("Give --fingerprint or --ca, not both.");
    }
    if (fingerprint != null) {
      try {
        return Fingerprint.parse(fingerprint).tls();
      } catch (IllegalArgumentException e) {
        throw misused("--fingerprint is sha256: and 64 hex digits. Provided: " + fingerprint);
      }
    }
    return ca == null ? null : signedBy(ca);
  }

  /** Trusts the certificates of a PEM file, and what they signed, for the name of the server. */
  private static SSLContext signedBy(Path file) {
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
      return Fingerprint.tls(trust.getTrustManagers());
    } catch (IOException | GeneralSecurityException e) {
      throw new CommandException(
          ErrorCode.KEY_FILE_UNUSABLE,
          file + " cannot be used as certificates in PEM: " + e.getMessage(),
          e);
    }
  }

  private TokenSecret token(Path file) {
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.KEY_FILE_UNUSABLE, file + " cannot be read. Give the file with the token.", e);
    }
    // The file's text is not shown: it may be a secret of another kind.
    return TokenSecret.parse(text)
        .orElseThrow(
            () ->
                new CommandException(
                    ErrorCode.KEY_FILE_UNUSABLE,
                    file + " holds no token: tributary_ and 64 hex digits, and nothing else."));
  }

  private ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
