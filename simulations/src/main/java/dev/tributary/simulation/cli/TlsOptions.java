package dev.tributary.simulation.cli;

import dev.tributary.client.ClientException;
import dev.tributary.client.TlsSettings;
import dev.tributary.client.tls.Fingerprint;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which certificates a command trusts, and what it shows itself. */
final class TlsOptions {
  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "PEM file with who signs its certificate; without it and a fingerprint the system's"
              + " authorities count.")
  private @Nullable Path ca;

  @Option(
      names = "--certificate",
      paramLabel = "FILE",
      description =
          "PEM file with the TLS certificate to show, where the coordinator asks for one.")
  private @Nullable Path certificate;

  @Option(names = "--key", paramLabel = "FILE", description = "PEM file with its key.")
  private @Nullable Path key;

  /**
   * What the options come to.
   *
   * @param fingerprint of the one certificate that is trusted; null if none was given
   * @param option that gives it
   * @throws ParameterException if they do not go together
   * @throws CommandException if a file cannot be used
   */
  TlsSettings settings(@Nullable String fingerprint, String option, CommandLine command) {
    if (fingerprint != null && ca != null) {
      throw new ParameterException(command, "Give " + option + " or --ca, not both.");
    }
    if ((certificate == null) != (key == null)) {
      throw new ParameterException(command, "Give --certificate and --key together.");
    }
    TlsSettings tls = TlsSettings.machine();
    if (fingerprint != null) {
      try {
        tls = tls.pin(Fingerprint.parse(fingerprint).toString());
      } catch (IllegalArgumentException e) {
        throw new ParameterException(
            command, option + " is sha256: and 64 hex digits. Provided: " + fingerprint, e);
      }
    }
    if (ca != null) {
      tls = tls.authorities(ca);
    }
    if (certificate != null && key != null) {
      tls = tls.certificate(certificate, key);
    }
    try {
      var unused = tls.context();
      return tls;
    } catch (ClientException e) {
      throw new CommandException(ErrorCode.KEY_FILE_UNUSABLE, String.valueOf(e.getMessage()), e);
    }
  }
}
