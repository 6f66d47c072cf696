package dev.tributary.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

/** PostgreSQL; a {@link Lease} keeps others out. */
final class Postgres implements Database {

  /** One for transactions, one for blobs, one for the lease. */
  private static final int CONNECTIONS = 3;

  private final HikariDataSource pool;
  private final Lease lease;

  private Postgres(HikariDataSource pool, Lease lease) {
    this.pool = pool;
    this.lease = lease;
  }

  static Postgres open(PostgresSettings settings) {
    String where = settings.url();
    Database.migrate(where, where, settings.user(), settings.password());
    HikariDataSource pool = pool(settings);
    try {
      String owner = ManagementFactory.getRuntimeMXBean().getName();
      return new Postgres(pool, Lease.take(pool::getConnection, owner, settings.lease()));
    } catch (SQLException e) {
      pool.close();
      throw StoreException.of("Opening the store " + where, e);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static HikariDataSource pool(PostgresSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setAutoCommit(false);
    config.setPoolName("tributary-store");
    config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(10));
    // An owner that stands still in a transaction must not keep the next one waiting for its locks.
    config.setConnectionInitSql(
        "SET idle_in_transaction_session_timeout = " + settings.lease().toMillis());
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
  public void close() {
    lease.close();
    pool.close();
  }
}
