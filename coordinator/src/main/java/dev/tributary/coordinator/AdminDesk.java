package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.access.Permission;
import dev.tributary.coordinator.access.TokenSecret;
import dev.tributary.coordinator.store.AuditLog;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.Tokens;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Where those who administer a coordinator are let in. Safe for many threads. */
public final class AdminDesk {
  private static final String SCHEME = "Bearer ";

  private final Tokens tokens;
  private final AuditLog auditLog;
  private final Clock clock;

  AdminDesk(Store store, Clock clock) {
    this.tokens = store.tokens();
    this.auditLog = store.auditLog();
    this.clock = clock;
    // Who is let in is judged where nothing may wait for a disk.
    var unused = tokens.all();
  }

  /** Tokens of people and programs. */
  public Tokens tokens() {
    return tokens;
  }

  /** What they did. */
  public AuditLog auditLog() {
    return auditLog;
  }

  /**
   * Whose the token of a request is, if it allows what is asked.
   *
   * @param authorization as it stands in the request; null if there is none
   * @throws FrontDoorException saying why not
   */
  public Tokens.Token admit(@Nullable String authorization, Permission needed) {
    if (authorization == null || !authorization.startsWith(SCHEME)) {
      throw unknown("admin-token-missing", "This needs a token, as Authorization: Bearer TOKEN.");
    }
    Tokens.Token token =
        TokenSecret.parse(authorization.substring(SCHEME.length()))
            .flatMap(tokens::find)
            .orElseThrow(
                () -> unknown("admin-token-unknown", "This coordinator has no such token."));
    switch (token.at(clock.instant())) {
      case EXPIRED -> throw unknown("admin-token-expired", "The token has expired.");
      case REVOKED -> throw unknown("admin-token-revoked", "The token has been revoked.");
      case VALID -> {}
    }
    if (!token.role().may(needed)) {
      throw new FrontDoorException(
          Kind.FORBIDDEN,
          "role-forbids",
          "The role " + token.role().word() + " does not allow this.",
          "Ask somebody whose role does, or an owner for a token with another role.");
    }
    return token;
  }

  /** As it stands in the audit log. */
  public static String who(Tokens.Token token) {
    return "token " + token.name();
  }

  private static FrontDoorException unknown(String code, String message) {
    return new FrontDoorException(
        Kind.UNKNOWN_TOKEN,
        code,
        message,
        "Ask an owner of this coordinator for one: tributary token create.");
  }
}
