package dev.tributary.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** PostgreSQL; a {@link Lease} keeps others out, or those who do not share it. */
final class Postgres implements Database {

  /** One for transactions, one for blobs, one for the lease. */
  private static final int CONNECTIONS = 3;

  /** The same with uploads, and with answers that any coordinator has, several at once. */
  private static final int SHARED_CONNECTIONS = 16;

  /** A database that says nothing for so long, or two leases, is away. */
  private static final int SILENCE_SECONDS = 5;

  private final HikariDataSource pool;
  private final Lease lease;
  private final @Nullable Nodes nodes;

  private Postgres(HikariDataSource pool, Lease lease, @Nullable Nodes nodes) {
    this.pool = pool;
    this.lease = lease;
    this.nodes = nodes;
  }

  static Postgres open(PostgresSettings settings) {
    return open(settings, false);
  }

  /** Beside others that share it. */
  static Postgres share(PostgresSettings settings) {
    return open(settings, true);
  }

  private static Postgres open(PostgresSettings settings, boolean shared) {
    String where = settings.url();
    Database.migrate(where, where, settings.user(), settings.password());
    HikariDataSource pool = pool(settings, shared);
    try {
      String owner = ManagementFactory.getRuntimeMXBean().getName();
      if (!shared) {
        return new Postgres(pool, Lease.take(pool::getConnection, owner, settings.lease()), null);
      }
      // Renewals wait for nobody: they have connections of their own.
      Nodes nodes = new Nodes(() -> direct(settings), settings.lease());
      return new Postgres(pool, Lease.share(pool::getConnection, owner, settings.lease()), nodes);
    } catch (SQLException e) {
      pool.close();
      throw StoreException.of("Opening the store " + where, e);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static Connection direct(PostgresSettings settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password());
    String patience = Long.toString(Math.max(1, settings.lease().toSeconds()));
    properties.setProperty("connectTimeout", patience);
    properties.setProperty("socketTimeout", patience);
    Connection connection = DriverManager.getConnection(settings.url(), properties);
    connection.setAutoCommit(false);
    return connection;
  }

  private static HikariDataSource pool(PostgresSettings settings, boolean shared) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(shared ? SHARED_CONNECTIONS : CONNECTIONS);
    config.setAutoCommit(false);
    config.setPoolName("tributary-store");
    config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(10));
    if (shared) {
      config.addDataSourceProperty(
          "socketTimeout",
          Long.toString(Math.max(SILENCE_SECONDS, 2 * settings.lease().toSeconds())));
      config.addDataSourceProperty("tcpKeepAlive", "true");
    }
    // An owner that stands still in a transaction must not keep the next one waiting for its locks.
    long still = settings.lease().toMillis() / (shared ? 2 : 1);
    // Else a fresh connection stands in the transaction of this very statement.
    config.setIsolateInternalQueries(true);
    config.setConnectionInitSql("SET idle_in_transaction_session_timeout = " + still);
    return new HikariDataSource(config);
  }

  @Override
  public Connection connection() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public void requireOwned(Sql sql) throws SQLException {
    lease.require(sql);
  }

  @Override
  public void serialise(Sql sql, String what) throws SQLException {
    if (nodes != null) {
      sql.query("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", row -> 1, what);
    }
  }

  @Override
  public @Nullable Nodes nodes() {
    return nodes;
  }

  @Override
  public void close() {
    if (nodes != null) {
      nodes.close();
    }
    lease.close();
    pool.close();
  }
}
