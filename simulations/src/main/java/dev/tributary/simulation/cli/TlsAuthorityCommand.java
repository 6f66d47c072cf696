package dev.tributary.simulation.cli;

import dev.tributary.secagg.TlsAuthority;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary authority tls}: certificates for TLS, of coordinators and of their clients. */
@Command(
    name = "tls",
    description = {
      "Makes certificates for TLS: what a coordinator shows, and what it asks its clients for.",
      "Who is a member of a population is another matter: tributary authority issue."
    },
    mixinStandardHelpOptions = true)
public final class TlsAuthorityCommand implements Runnable {
  private static final String FOLDER = "--folder";
  private static final String FOLDER_HELP = "The authority's folder; tls-authority by default.";
  private static final String FOLDER_DEFAULT = "tls-authority";
  private static final String LIST_HELP = "Days until a newer list is needed; 90 by default.";
  private static final int MOST_DAYS = 36_500;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary authority tls init}. */
  @Command(
      name = "init",
      description = "Makes an authority: ca.pem and crl.pem for everybody, and a key.",
      mixinStandardHelpOptions = true)
  void init(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = FOLDER_DEFAULT)
          Path folder,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "What certificates show as their issuer.",
              defaultValue = "Tributary TLS")
          String name,
      @Option(
              names = "--days",
              paramLabel = "DAYS",
              description = "Days that it is valid; 3650 by default.",
              defaultValue = "3650")
          int days,
      @Option(
              names = "--list-days",
              paramLabel = "DAYS",
              description = LIST_HELP,
              defaultValue = "90")
          int listDays) {
    Duration validity = days(days);
    Duration list = days(listDays);
    TlsAuthority made =
        asked(
            () ->
                TlsAuthority.create(
                    folder, name, Instant.now(), validity, list, new SecureRandom()));
    say("for clients, and for serve --client-authorities: %s", made.certificate());
    say("for serve --revoked: %s", made.revoked());
    say("keep for yourself, with a copy elsewhere: the rest of %s", folder);
  }

  /** {@code tributary authority tls server}. */
  @Command(
      name = "server",
      description = "Makes tls-certificate.pem and tls-key.pem of a coordinator.",
      mixinStandardHelpOptions = true)
  void server(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = FOLDER_DEFAULT)
          Path folder,
      @Option(
              names = "--host",
              paramLabel = "HOST",
              required = true,
              description = "A DNS name or IP address that it is for; may be repeated.")
          List<String> hosts,
      @Option(
              names = "--out",
              paramLabel = "DIR",
              required = true,
              description = "Where to: the folder of a coordinator's store, or any other.")
          Path out,
      @Option(
              names = "--days",
              paramLabel = "DAYS",
              description = "Days that it is valid; 397 by default.",
              defaultValue = "397")
          int days) {
    Duration validity = days(days);
    open(folder).server(hosts, out, Instant.now(), validity);
    say("certificate and key for %s: %s", String.join(", ", hosts), out);
  }

  /** {@code tributary authority tls client}. */
  @Command(
      name = "client",
      description = "Makes NAME.pem and NAME-key.pem of a client, or of somebody who administers.",
      mixinStandardHelpOptions = true)
  void client(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = FOLDER_DEFAULT)
          Path folder,
      @Parameters(
              paramLabel = "NAME",
              arity = "1..*",
              description = "1 to 64 letters, digits, dots, hyphens and underscores, each.")
          List<String> names,
      @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where to.")
          Path out,
      @Option(
              names = "--days",
              paramLabel = "DAYS",
              description = "Days that it is valid; 365 by default.",
              defaultValue = "365")
          int days) {
    Duration validity = days(days);
    TlsAuthority authority = open(folder);
    for (String name : names) {
      asked(
          () -> {
            authority.client(name, out, Instant.now(), validity);
            return name;
          });
      say("certificate and key of %s: %s", name, out);
    }
  }

  /** {@code tributary authority tls revoke}. */
  @Command(
      name = "revoke",
      description = "Takes certificates back; without any, only renews the list.",
      mixinStandardHelpOptions = true)
  void revoke(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = FOLDER_DEFAULT)
          Path folder,
      @Parameters(
              paramLabel = "FILE",
              arity = "0..*",
              description = "Certificates of this authority, as it made them.")
          @Nullable List<Path> files,
      @Option(
              names = "--list-days",
              paramLabel = "DAYS",
              description = LIST_HELP,
              defaultValue = "90")
          int listDays) {
    Duration list = days(listDays);
    TlsAuthority authority = open(folder);
    List<Path> revoked = files == null ? new ArrayList<>() : files;
    authority.revoke(revoked, Instant.now(), list);
    say("%d taken back; give to the coordinators: %s", revoked.size(), authority.revoked());
  }

  private static TlsAuthority open(Path folder) {
    return TlsAuthority.open(folder, new SecureRandom());
  }

  private interface Making<T> {
    T make();
  }

  /** What a name or a host may not be is a mistake of the command line. */
  private <T> T asked(Making<T> making) {
    try {
      return making.make();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private Duration days(int days) {
    if (days < 1 || days > MOST_DAYS) {
      throw new ParameterException(
          spec.commandLine(), "days must be 1 to 36,500. Provided: " + days);
    }
    return Duration.ofDays(days);
  }

  private void say(String format, Object... values) {
    spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
    spec.commandLine().getOut().flush();
  }
}
