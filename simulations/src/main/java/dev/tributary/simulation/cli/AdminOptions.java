package dev.tributary.simulation.cli;

import dev.tributary.coordinator.access.TokenSecret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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

  @Mixin private TlsOptions tls = new TlsOptions();

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
    return new AdminClient(
        to,
        tls.settings(fingerprint, "--fingerprint", spec.commandLine()).context(),
        token(tokenFile),
        AdminClient.MOVING,
        what -> {
          spec.commandLine().getErr().println(what);
          spec.commandLine().getErr().flush();
        });
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
