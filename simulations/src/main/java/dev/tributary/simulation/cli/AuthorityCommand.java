package dev.tributary.simulation.cli;

import dev.tributary.secagg.AuthorityFolder;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.Identity;
import dev.tributary.secagg.RevocationList;
import dev.tributary.secagg.Succession;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary authority}: who is a member, decided by somebody else than the coordinator. */
@Command(
    name = "authority",
    description = "Certifies clients; run it where the coordinator cannot reach its folder.",
    mixinStandardHelpOptions = true,
    subcommands = TlsAuthorityCommand.class)
public final class AuthorityCommand implements Runnable {
  private static final String FOLDER = "--folder";
  private static final String FOLDER_HELP = "The authority's folder; authority by default.";
  private static final String LIST_HELP =
      "Days until a newer revocation list is needed; 90 by default.";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary authority init}. */
  @Command(
      name = "init",
      description = "Makes an authority: a key, and the file that clients and coordinators get.",
      mixinStandardHelpOptions = true)
  void init(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = "authority")
          Path folder,
      @Option(
              names = "--population",
              paramLabel = "NAME",
              required = true,
              description = "Whom it certifies: privacy.population of the jobs.")
          String population,
      @Option(
              names = "--list-days",
              paramLabel = "DAYS",
              description = LIST_HELP,
              defaultValue = "90")
          int listDays) {
    try (AuthorityFolder made =
        AuthorityFolder.create(
            folder, population, Instant.now(), days(listDays), new SecureRandom())) {
      say("authority %s of population \"%s\"", made.fingerprint(), made.population());
      say("give to clients and to the coordinator: %s", made.trustFile());
      say("keep for yourself, with a copy elsewhere: the rest of %s", folder);
    }
  }

  /** {@code tributary authority issue}. */
  @Command(
      name = "issue",
      description = "Certifies a client's identity key.",
      mixinStandardHelpOptions = true)
  void issue(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = "authority")
          Path folder,
      @Option(
              names = "--key",
              paramLabel = "KEY",
              required = true,
              description = "The client's Ed25519 public key, 64 hex digits.")
          String key,
      @Option(
              names = "--out",
              paramLabel = "FILE",
              required = true,
              description = "The certificate, a new file.")
          Path out,
      @Option(
              names = "--days",
              paramLabel = "DAYS",
              description = "Days that it is valid; 365 by default.",
              defaultValue = "365")
          int days) {
    byte[] identity = key(key);
    Duration validity = days(days);
    try (AuthorityFolder authority = AuthorityFolder.open(folder, new SecureRandom())) {
      if (Files.exists(out)) {
        throw new FileAlreadyExistsException(out.toString());
      }
      Certificate certificate = authority.issue(identity, Instant.now(), validity);
      Files.writeString(out, certificate.toPem(), StandardOpenOption.CREATE_NEW);
      say(
          "certificate %s for %s, until %s: %s",
          certificate.serial(), Identity.fingerprint(identity), certificate.notAfter(), out);
    } catch (IOException e) {
      throw new CommandException(
          ErrorCode.OUTPUT_NOT_WRITABLE,
          "%s cannot be written (%s). Choose another file with --out."
              .formatted(out, e.getClass().getSimpleName()),
          e);
    }
  }

  /** {@code tributary authority revoke}. */
  @Command(
      name = "revoke",
      description = "Takes certificates back; without any, only renews the revocation list.",
      mixinStandardHelpOptions = true)
  void revoke(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = "authority")
          Path folder,
      @Option(
              names = "--key",
              paramLabel = "KEY",
              description = "An identity key, 64 hex digits: all that was issued to it.")
          @Nullable String key,
      @Option(
              names = "--list-days",
              paramLabel = "DAYS",
              description = LIST_HELP,
              defaultValue = "90")
          int listDays,
      @Parameters(
              arity = "0..*",
              paramLabel = "CERTIFICATE",
              description = "Serials (32 hex digits) or certificate files.")
          @Nullable List<String> certificates) {
    try (AuthorityFolder authority = AuthorityFolder.open(folder, new SecureRandom())) {
      List<String> serials = new ArrayList<>();
      for (String each : certificates == null ? List.<String>of() : certificates) {
        serials.add(
            each.matches("[0-9a-fA-F]{32}") ? each : Certificate.read(Path.of(each)).serial());
      }
      if (key != null) {
        List<String> issued = authority.serialsOf(key(key));
        if (issued.isEmpty()) {
          throw new CommandLine.ParameterException(
              spec.commandLine(), "No certificate was issued to the key " + key + ".");
        }
        serials.addAll(issued);
      }
      RevocationList list = authority.revoke(serials, Instant.now(), days(listDays));
      say(
          "revocation list %d: %d serials, until %s",
          list.number(), list.serials().size(), list.until());
      for (String serial : serials) {
        if (!authority.issued(serial)) {
          say("note: %s is revoked, but was not issued here; is it the right one?", serial);
        }
      }
      say("give to the coordinator first, then to clients: %s", authority.trustFile());
    }
  }

  /** {@code tributary authority rotate}. */
  @Command(
      name = "rotate",
      description = "Puts a new key in the old one's place; certificates stay as they are.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Option(
              names = FOLDER,
              paramLabel = "DIR",
              description = FOLDER_HELP,
              defaultValue = "authority")
          Path folder,
      @Option(
              names = "--overlap-days",
              paramLabel = "DAYS",
              description =
                  "Days that certificates of the old key still count; by default until the last"
                      + " of them expires.")
          @Nullable Integer overlap,
      @Option(
              names = "--list-days",
              paramLabel = "DAYS",
              description = LIST_HELP,
              defaultValue = "90")
          int listDays) {
    try (AuthorityFolder authority = AuthorityFolder.open(folder, new SecureRandom())) {
      Instant now = Instant.now();
      Instant until = overlap == null ? null : now.plus(days(overlap));
      String old = authority.fingerprint();
      Succession succession = authority.rotate(until, now, days(listDays));
      say("authority %s takes the place of %s", authority.fingerprint(), old);
      say("certificates of the old key count until %s", succession.until());
      say("give to all before the next certificate is issued: %s", authority.trustFile());
      say("not needed any more, delete it: key-%s.pem", old.substring(old.indexOf(':') + 1));
    }
  }

  private void say(String format, Object... values) {
    spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
    spec.commandLine().getOut().flush();
  }

  private Duration days(int days) {
    if (days < 1 || days > 36_500) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "days must be 1 to 36,500. Provided: " + days);
    }
    return Duration.ofDays(days);
  }

  private byte[] key(String hex) {
    if (!hex.matches("[0-9a-fA-F]{64}")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "an identity key has 64 hex digits. Provided: " + hex);
    }
    return HexFormat.of().parseHex(hex);
  }
}
