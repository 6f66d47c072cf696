package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.Tokens;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary token}: who may administer a coordinator. */
@Command(
    name = "token",
    description =
        "Tokens of the people who administer a coordinator: of a running one (--url, with an"
            + " owner's token), or in the store of one that does not run. Roles: viewer, operator,"
            + " auditor, owner.",
    mixinStandardHelpOptions = true)
public final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary token create}. */
  @Command(
      name = "create",
      description = "Makes a token and prints it, once: its SHA-256 is all that is kept.",
      mixinStandardHelpOptions = true)
  void create(
      @Mixin StoreOptions where,
      @Mixin AdminOptions to,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              required = true,
              description = "viewer, operator, auditor or owner.")
          String role,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              required = true,
              description = "Whose it is, for the audit log; a name is used once.")
          String name,
      @Option(
              names = "--days",
              paramLabel = "N",
              description = "Days that it is valid, 1 to 3,650; 90 by default.",
              defaultValue = "90")
          int days) {
    Role given =
        Role.of(role)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--role is viewer, operator, auditor or owner. Provided: " + role));
    if (to.given()) {
      ObjectNode asked = JsonNodeFactory.instance.objectNode();
      asked.put("name", name).put("role", given.word()).put("days", days);
      JsonNode made = to.client().post("tokens", asked);
      issued(text(made, "name"), text(made, "role"), text(made, "expires"), text(made, "secret"));
      return;
    }
    try (Store store = where.openOrMake()) {
      Tokens.Issued made =
          store
              .tokens()
              .create(localUser(), name, given, Duration.ofDays(days), new SecureRandom());
      issued(
          made.token().name(),
          given.word(),
          made.token().expires().toString(),
          made.secret().reveal());
    }
  }

  private void issued(String name, String role, String expires, String secret) {
    say("token \"%s\", %s, until %s. It is shown now and never again:", name, role, expires);
    say("%s", secret);
  }

  /** {@code tributary token list}. */
  @Command(
      name = "list",
      description = "Lists the tokens with their roles and ends.",
      mixinStandardHelpOptions = true)
  void list(@Mixin StoreOptions where, @Mixin AdminOptions to) {
    if (to.given()) {
      for (JsonNode token : to.client().get("tokens").path("tokens")) {
        line(
            text(token, "name"), text(token, "role"), text(token, "state"), text(token, "expires"));
      }
      return;
    }
    Instant now = Instant.now();
    try (Store store = where.open()) {
      for (Tokens.Token token : store.tokens().all()) {
        line(
            token.name(),
            token.role().word(),
            token.at(now).name().toLowerCase(Locale.ROOT),
            token.expires().toString());
      }
    }
  }

  private void line(String name, String role, String state, String expires) {
    say("%-24s %-9s %-8s until %s", name, role, state, expires);
  }

  /** What the coordinator says must not speak to this terminal. */
  private static String text(JsonNode node, String field) {
    return AuditLogCommand.printable(node.path(field).asText("?"));
  }

  /** {@code tributary token revoke}. */
  @Command(name = "revoke", description = "Takes a token back.", mixinStandardHelpOptions = true)
  void revoke(
      @Mixin StoreOptions where,
      @Mixin AdminOptions to,
      @Parameters(paramLabel = "NAME", description = "The token's name.") String name) {
    if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
      throw new ParameterException(spec.commandLine(), "That is no name of a token: " + name);
    }
    if (to.given()) {
      JsonNode token = to.client().post("tokens/" + name + "/revoke", null);
      say("token \"%s\" is %s", text(token, "name"), text(token, "state"));
      return;
    }
    try (Store store = where.open()) {
      Tokens.Token token = store.tokens().revoke(localUser(), name);
      say("token \"%s\" is revoked since %s", token.name(), String.valueOf(token.revoked()));
    }
  }

  /** As the audit log names whoever runs this process. */
  static String localUser() {
    return "local user " + System.getProperty("user.name", "unknown");
  }

  private void say(String format, Object... values) {
    spec.commandLine().getOut().println(Terminal.format(format, values));
    spec.commandLine().getOut().flush();
  }
}
