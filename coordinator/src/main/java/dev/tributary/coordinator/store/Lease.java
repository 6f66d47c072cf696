package dev.tributary.coordinator.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a database is: a row with an end by the database's own clock, and a fencing token that
 * grows with each owner. A transaction locks the row and finds its token there, so that nothing
 * that a former owner still has under way can commit after another has taken over. {@link Nodes}
 * share it: while one of them lives, nobody takes it, and while somebody has it, none of them comes
 * in.
 *
 * <p>Concurrency: a thread of its own renews the lease until it is closed.
 */
final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final String STORE = "store";

  /** The database's clock, in milliseconds since the epoch. */
  static final String NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

  /** Where connections come from. */
  @FunctionalInterface
  interface Source {
    Connection connection() throws SQLException;
  }

  private record Held(String owner, long left, long token) {}

  private final Source source;
  private final long token;
  private final Duration time;
  private final @Nullable ScheduledExecutorService renewal;
  private boolean closed;

  private Lease(Source source, long token, Duration time, boolean shared) {
    this.source = source;
    this.token = token;
    this.time = time;
    this.renewal = shared ? null : every(time, this::renew);
  }

  /** Does it three times within a time, on a thread of its own. */
  static ScheduledExecutorService every(Duration time, Runnable renew) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread daemon = new Thread(task, "tributary-lease");
              daemon.setDaemon(true);
              return daemon;
            });
    long every = time.toMillis() / 3;
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(renew, every, every, TimeUnit.MILLISECONDS);
    return thread;
  }

  /**
   * Comes in beside others that share it.
   *
   * @throws StoreException if somebody has it alone
   */
  static Lease share(Source source, String owner, Duration time) throws SQLException {
    try (Connection connection = source.connection()) {
      Sql sql = new Sql(connection);
      insert(sql, owner);
      Held held = held(sql);
      connection.commit();
      if (held.left() > 0) {
        throw locked(held.owner(), held.left());
      }
      return new Lease(source, held.token(), time, true);
    }
  }

  private static void insert(Sql sql, String owner) throws SQLException {
    sql.update(
        "INSERT INTO lease (name, owner, token, expires) VALUES (?, ?, 0, 0)"
            + " ON CONFLICT (name) DO NOTHING",
        STORE,
        owner);
  }

  private static Held held(Sql sql) throws SQLException {
    return sql.query(
            "SELECT owner, expires - " + NOW + ", token FROM lease WHERE name = ?",
            row -> new Held(row.getString(1), row.getLong(2), row.getLong(3)),
            STORE)
        .get(0);
  }

  private static StoreException locked(String by, long left) {
    return new StoreException(
        StoreException.LOCKED,
        "Another coordinator works with this database: "
            + by
            + ", for "
            + Math.max(0, left + 999) / 1000
            + " s more if it is not heard of. Stop it first, or give this one a database of its"
            + " own.",
        null);
  }

  /**
   * Takes the lease if nobody has it, or whoever has it let it run out.
   *
   * @param owner shown to others
   * @throws StoreException if another holds it
   */
  static Lease take(Source source, String owner, Duration time) throws SQLException {
    try (Connection connection = source.connection()) {
      Sql sql = new Sql(connection);
      insert(sql, owner);
      int taken =
          sql.update(
              "UPDATE lease SET owner = ?, token = token + 1, expires = "
                  + NOW
                  + " + ? WHERE name = ? AND expires <= "
                  + NOW,
              owner,
              time.toMillis(),
              STORE);
      Held held = held(sql);
      List<Held> sharing =
          sql.query(
              "SELECT address, expires - " + NOW + " FROM node WHERE expires > " + NOW,
              row -> new Held(row.getString(1), row.getLong(2), 0));
      if (taken == 0 || !sharing.isEmpty()) {
        connection.rollback();
        Held by = taken == 0 ? held : sharing.get(0);
        throw locked(by.owner(), by.left());
      }
      connection.commit();
      return new Lease(source, held.token(), time, false);
    }
  }

  /** Grows with each owner. */
  long token() {
    return token;
  }

  /** Holds the row until the transaction has ended, and refuses if it is another's. */
  void require(Sql sql) throws SQLException {
    List<Long> now =
        sql.query("SELECT token FROM lease WHERE name = ? FOR SHARE", row -> row.getLong(1), STORE);
    if (now.size() != 1 || !Objects.equals(now.get(0), token)) {
      throw new StoreException(
          StoreException.TAKEN_OVER,
          "Another coordinator has taken this store over, since this one was not heard of for "
              + time.toMillis()
              + " ms. It ends here; nothing that it acknowledged is lost.",
          null);
    }
  }

  /**
   * A renewal that fails is tried again; if none comes through, the next transaction is refused.
   */
  private synchronized void renew() {
    if (closed) {
      return;
    }
    try (Connection connection = source.connection()) {
      new Sql(connection)
          .update(
              "UPDATE lease SET expires = " + NOW + " + ? WHERE name = ? AND token = ?",
              time.toMillis(),
              STORE,
              token);
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      LOG.warn("The lease of the store could not be renewed now: {}", e.toString());
    }
  }

  /** Stops renewing and lets the next one in at once. */
  @Override
  public synchronized void close() {
    closed = true;
    if (renewal == null) {
      return;
    }
    renewal.shutdownNow();
    try (Connection connection = source.connection()) {
      new Sql(connection)
          .update("UPDATE lease SET expires = 0 WHERE name = ? AND token = ?", STORE, token);
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      LOG.warn("The lease of the store runs out by itself: {}", e.toString());
    }
  }
}
