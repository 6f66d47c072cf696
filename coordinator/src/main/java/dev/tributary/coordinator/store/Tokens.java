package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.access.TokenSecret;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tokens by which people and programs administer a coordinator. None is there that nobody made.
 * A name is used once, so that the audit log never means two by it.
 *
 * <p>What is in memory is what is in the database, or was a moment ago where several coordinators
 * share it: who shows a wrong token costs no transaction. Safe for many threads.
 */
public final class Tokens {
  private static final Duration LONGEST = Duration.ofDays(3_650);

  private final Store store;
  private final Clock clock;
  private volatile @Nullable List<Kept> known;

  Tokens(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * A token without its secret.
   *
   * @param revoked null as long as it is not
   */
  public record Token(
      String name, Role role, Instant created, Instant expires, @Nullable Instant revoked) {

    /** How it stands at a time. */
    public State at(Instant now) {
      return revoked != null ? State.REVOKED : now.isBefore(expires) ? State.VALID : State.EXPIRED;
    }
  }

  /** How a token stands. */
  public enum State {
    VALID,
    EXPIRED,
    REVOKED
  }

  /** A new token, whose secret is shown now and never again. */
  public record Issued(Token token, TokenSecret secret) {}

  private record Kept(Token token, ByteString digest) {}

  /**
   * Makes a token.
   *
   * @param who makes it, for the audit log
   * @param name 1 to 64 small letters, digits, dots, hyphens and underscores; never used before
   * @param validity 1 day to 3,650
   */
  public Issued create(String who, String name, Role role, Duration validity, SecureRandom random) {
    if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
      throw new TokenException(
          TokenException.MALFORMED,
          "A token's name has 1 to 64 small letters, digits, dots, hyphens and underscores.");
    }
    if (validity.compareTo(Duration.ofDays(1)) < 0 || validity.compareTo(LONGEST) > 0) {
      throw new TokenException(
          TokenException.MALFORMED, "A token is valid for 1 to 3,650 days, and not for ever.");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Token token = new Token(name, role, now, now.plus(validity), null);
    TokenSecret secret = TokenSecret.draw(random);
    change(
        "Making the token " + name,
        sql -> {
          if (!sql.query("SELECT 1 FROM token WHERE name = ?", row -> 1, name).isEmpty()) {
            throw new TokenException(
                TokenException.TAKEN,
                "There is, or was, a token named "
                    + name
                    + ". Choose another name: the audit log must never mean two by one.");
          }
          store
              .auditLog()
              .append(
                  sql,
                  who,
                  AuditAct.TOKEN_CREATED,
                  "token " + name + " with role " + role.word() + " until " + token.expires());
          return sql.update(
              "INSERT INTO token (name, role, digest, created, expires) VALUES (?, ?, ?, ?, ?)",
              name,
              role.name(),
              secret.digest(),
              token.created().toString(),
              token.expires().toString());
        });
    return new Issued(token, secret);
  }

  /** Takes a token back, at once; a second time does nothing. */
  public Token revoke(String who, String name) {
    change(
        "Revoking the token " + name,
        sql -> {
          int revoked =
              sql.update(
                  "UPDATE token SET revoked = ? WHERE name = ? AND revoked IS NULL",
                  clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
                  name);
          if (revoked == 1) {
            store.auditLog().append(sql, who, AuditAct.TOKEN_REVOKED, "token " + name);
          }
          return revoked;
        });
    return all().stream()
        .filter(token -> token.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new TokenException(
                    TokenException.UNKNOWN,
                    "There is no token named "
                        + (name.length() > 64 ? name.substring(0, 64) + "..." : name)
                        + "."));
  }

  /** All that were ever made, by name. */
  public List<Token> all() {
    return kept().stream().map(Kept::token).toList();
  }

  /**
   * The token of a secret, however it stands. The time it takes tells nothing of which one it is,
   * or how much of it is right.
   */
  public Optional<Token> find(TokenSecret secret) {
    byte[] digest = secret.digest();
    Token found = null;
    for (Kept each : kept()) {
      if (MessageDigest.isEqual(each.digest().toByteArray(), digest)) {
        found = each.token();
      }
    }
    return Optional.ofNullable(found);
  }

  /** Reads them again: another coordinator may have made some, or taken some back. */
  public void refresh() {
    var unused = read();
  }

  private synchronized void change(String what, Store.Transaction<Integer> work) {
    known = null;
    store.transaction(
        what,
        sql -> {
          store.auditLog().alone(sql);
          return work.run(sql);
        });
    var unused = read();
  }

  private List<Kept> kept() {
    List<Kept> kept = known;
    return kept == null ? read() : kept;
  }

  private synchronized List<Kept> read() {
    List<Kept> kept =
        store.transaction(
            "Reading the tokens",
            sql ->
                sql.query(
                    "SELECT name, role, created, expires, revoked, digest FROM token ORDER BY name",
                    Tokens::kept));
    known = kept;
    return kept;
  }

  private static Kept kept(ResultSet row) throws SQLException {
    String revoked = row.getString(5);
    return new Kept(
        new Token(
            row.getString(1),
            Role.valueOf(row.getString(2)),
            Instant.parse(row.getString(3)),
            Instant.parse(row.getString(4)),
            revoked == null ? null : Instant.parse(revoked)),
        ByteString.copyFrom(row.getBytes(6)));
  }
}
