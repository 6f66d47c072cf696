package dev.tributary.coordinator.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL, one for all tests of a JVM; it ends with the JVM. */
public final class TestPostgres {
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private TestPostgres() {}

  private static final class Server {
    static final EmbeddedPostgres INSTANCE = start();

    private static EmbeddedPostgres start() {
      try {
        // What is lost by a power failure is no matter here.
        return EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** An empty schema. */
  public static String schema() {
    String schema = "s" + SCHEMAS.incrementAndGet();
    run("CREATE SCHEMA " + schema);
    return schema;
  }

  /** A store in that schema. */
  public static PostgresSettings settings(String schema, Duration lease) {
    String url = Server.INSTANCE.getJdbcUrl("postgres", "postgres").replaceAll("\\?.*", "");
    return new PostgresSettings(url + "?currentSchema=" + schema, "postgres", "", null, lease);
  }

  /** Lets the lease of the store in that schema run out, as if its owner stood still. */
  public static void endLease(String schema) {
    run("UPDATE " + schema + ".lease SET expires = 0");
  }

  public static void run(String statement) {
    try (Connection connection = Server.INSTANCE.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement()) {
      sql.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(statement, e);
    }
  }

  public static long number(String query) {
    try (Connection connection = Server.INSTANCE.getPostgresDatabase().getConnection();
        Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }
}
