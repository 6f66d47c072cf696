package dev.tributary.coordinator.store;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.access.ClientToken;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Issues and knows the tokens of clients. Nothing is kept of a token: whoever has the store's keys
 * can tell whether it is one. A key signs for a day, and stays until the last token that it can
 * have signed has expired.
 *
 * <p>Whoever can read the table can make tokens; no backup has them, and a restored store makes new
 * ones. Safe for many threads.
 */
public final class ClientTokens {
  /** How long a token may live. */
  public static final Duration LONGEST = Duration.ofHours(24);

  /** What is shorter would make clients do little else than check in. */
  public static final Duration SHORTEST = Duration.ofMinutes(1);

  /** How long a token lives unless said otherwise. */
  public static final Duration LIFETIME = Duration.ofHours(1);

  private static final Duration SIGNS = Duration.ofHours(24);
  private static final int SECRET = 32;

  /** How far clocks of coordinators may be apart; what was issued later was by a wrong one. */
  private static final Duration AHEAD = Duration.ofMinutes(15);

  /** Whoever invents numbers of keys costs the store a look each second, and no more. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Store store;
  private final SecureRandom random = new SecureRandom();
  private List<Key> keys = List.of();
  private Instant looked = Instant.MIN;

  ClientTokens(Store store) {
    this.store = store;
  }

  private static final class Key {
    final long id;
    final byte[] secret;
    final Instant signsUntil;

    Key(long id, byte[] secret, Instant signsUntil) {
      this.id = id;
      this.secret = secret;
      this.signsUntil = signsUntil;
    }

    @Override
    public String toString() {
      return "Key " + Long.toHexString(id);
    }
  }

  /**
   * A new token.
   *
   * @param job that it leads to
   * @param identity whose it is
   * @param lifetime of {@link #SHORTEST} to {@link #LONGEST}; it expires at a random time within
   *     the last quarter of it, so that clients that came together do not come back together
   */
  public synchronized ByteString issue(
      String job, ByteString identity, Instant now, Duration lifetime) {
    requireLifetime(lifetime);
    Key key = signing(now);
    long millis = lifetime.toMillis();
    Instant expires = now.plusMillis(millis - random.nextLong(millis / 4));
    return new ClientToken(job, identity, now, expires).signed(key.id, key.secret);
  }

  /** Refuses a lifetime that tokens cannot have. */
  public static void requireLifetime(Duration lifetime) {
    if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a client's token lives for 1 minute to 24 hours. Provided: " + lifetime);
    }
  }

  /** What a token says that a coordinator of this store has issued, expired or not. */
  public synchronized Optional<ClientToken> find(ByteString shown, Instant now) {
    OptionalLong id = ClientToken.key(shown);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Optional<Key> known = known(id.getAsLong());
    if (known.isEmpty() && Duration.between(looked, now).abs().compareTo(LOOK) >= 0) {
      looked = now;
      keep(store.transaction("Reading the keys of clients' tokens", ClientTokens::all));
      known = known(id.getAsLong());
    }
    return known
        .flatMap(key -> ClientToken.of(shown, key.secret))
        .filter(token -> !token.issued().isAfter(now.plus(AHEAD)));
  }

  private Optional<Key> known(long id) {
    return keys.stream().filter(key -> key.id == id).findFirst();
  }

  private Key signing(Instant now) {
    Optional<Key> known = newest(keys, now);
    if (known.isEmpty()) {
      byte[] secret = new byte[SECRET];
      random.nextBytes(secret);
      long id = random.nextLong();
      Instant until = now.plus(SIGNS);
      keep(
          store.transaction(
              "Changing the keys of clients' tokens",
              sql -> {
                sql.update("DELETE FROM client_token_key WHERE ends <= ?", now.toEpochMilli());
                if (newest(all(sql), now).isEmpty()) {
                  sql.update(
                      "INSERT INTO client_token_key (id, secret, signs_until, ends)"
                          + " VALUES (?, ?, ?, ?)",
                      id,
                      secret,
                      until.toEpochMilli(),
                      until.plus(LONGEST).toEpochMilli());
                }
                return all(sql);
              }));
      Arrays.fill(secret, (byte) 0);
      known = newest(keys, now);
    }
    return known.orElseThrow();
  }

  /** The key that signs for longest, if any does; one that a wrong clock has made does not. */
  private static Optional<Key> newest(List<Key> keys, Instant now) {
    return keys.stream()
        .filter(key -> now.isBefore(key.signsUntil))
        .filter(key -> !key.signsUntil.isAfter(now.plus(SIGNS).plus(AHEAD)))
        .max((a, b) -> a.signsUntil.compareTo(b.signsUntil));
  }

  private static List<Key> all(Sql sql) throws SQLException {
    return sql.query(
        "SELECT id, secret, signs_until FROM client_token_key ORDER BY id", ClientTokens::key);
  }

  private static Key key(ResultSet row) throws SQLException {
    return new Key(row.getLong(1), row.getBytes(2), Instant.ofEpochMilli(row.getLong(3)));
  }

  private void keep(List<Key> fresh) {
    forget();
    keys = List.copyOf(fresh);
  }

  /** Overwrites the keys in memory. */
  synchronized void forget() {
    keys.forEach(key -> Arrays.fill(key.secret, (byte) 0));
    keys = List.of();
  }
}
