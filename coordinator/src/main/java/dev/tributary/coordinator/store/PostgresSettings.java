package dev.tributary.coordinator.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database for a store.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, with the driver's parameters; no
 *     password
 * @param user its user; empty for the driver's default
 * @param password its password; empty for none
 * @param blobs a folder that every machine of the store reaches, for models and states; null to
 *     keep them in rows
 * @param lease how long a coordinator that is not heard of keeps the store from others; of several
 *     that share it, the time in which another has taken its jobs
 */
public record PostgresSettings(
    String url, String user, String password, @Nullable Path blobs, Duration lease) {

  /** Long enough for a collection of garbage or a failing switch, short enough to wait for. */
  public static final Duration LEASE = Duration.ofSeconds(15);

  /** What an address must begin with. */
  public static final String SCHEME = "jdbc:postgresql:";

  public PostgresSettings {
    if (carriesPassword(url)) {
      throw new IllegalArgumentException("an address is shown, and so carries no password");
    }
    if (!url.startsWith(SCHEME)) {
      throw new IllegalArgumentException("an address begins with " + SCHEME + ", not: " + url);
    }
    if (lease.toMillis() < 100) {
      throw new IllegalArgumentException("a lease is at least 100 ms. Provided: " + lease);
    }
  }

  /** Whether an address has a password among its parameters, and must not be shown. */
  public static boolean carriesPassword(String url) {
    return url.toLowerCase(Locale.ROOT).contains("password=");
  }

  @Override
  public String toString() {
    return "PostgresSettings[" + url + "]";
  }
}
