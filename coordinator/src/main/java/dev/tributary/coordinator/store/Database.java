package dev.tributary.coordinator.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/** The database under a store, and what keeps a second coordinator from writing to it. */
interface Database extends AutoCloseable {
  String MIGRATIONS = "classpath:dev/tributary/coordinator/store/migrations";

  /** A connection that commits when it is told to. */
  Connection connection() throws SQLException;

  /**
   * Asked at the start of every transaction that counts: the database is this store's until the
   * transaction has ended.
   *
   * @throws StoreException if it has become another's
   */
  void requireOwned(Sql sql) throws SQLException;

  /**
   * Until the transaction has ended, no other that asks for this goes on: what is read of it first
   * is still so when it is written.
   *
   * @param what of the tables; each transaction asks for ledgers before it asks for the audit log
   */
  void serialise(Sql sql, String what) throws SQLException;

  /** The coordinators that share it; null where it has one alone. */
  @Nullable Nodes nodes();

  /** Lets go of it; what was acknowledged is durable already. */
  @Override
  void close();

  /** Brings the tables to the version of this program. */
  static void migrate(String where, String url, String user, String password) {
    try {
      Flyway.configure().dataSource(url, user, password).locations(MIGRATIONS).load().migrate();
    } catch (FlywayException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql) {
          throw StoreException.of("Opening the store " + where, sql);
        }
      }
      throw new StoreException(
          StoreException.DAMAGED,
          "The store " + where + " does not have the tables that it must have: " + e.getMessage(),
          e);
    }
  }
}
