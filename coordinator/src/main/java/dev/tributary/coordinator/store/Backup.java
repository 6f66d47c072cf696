package dev.tributary.coordinator.store;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Copies a store into a folder, whether a coordinator works with it or not: all tables in one
 * transaction that sees one state of them, every blob that they name, and the coordinator's keys.
 * It takes no lease and no lock that a coordinator would wait for.
 *
 * <p>A coordinator removes the states that a newer round has superseded. Where one goes between the
 * tables and the blobs, the tables are read anew.
 */
public final class Backup {
  /** Without these no client comes back: it pins the one key and has met the other. */
  static final List<String> KEYS =
      List.of("coordinator-key.pem", "tls-certificate.pem", "tls-key.pem", "revocations");

  private static final int TRIES = 20;
  private static final Set<String> NOT_ROWS =
      Set.of(
          "flyway_schema_history",
          "lease",
          "blob_part",
          "client_token_key",
          "node",
          "job_owner",
          "node_key",
          "input_part");

  private final Path store;
  private final @Nullable PostgresSettings database;
  private final Path partial;

  private Backup(Path store, @Nullable PostgresSettings database, Path partial) {
    this.store = store;
    this.database = database;
    this.partial = partial;
  }

  /**
   * Writes a backup.
   *
   * @param store folder of the store
   * @param database where its tables are; null for SQLite in the folder
   * @param out a folder that is not there yet; it appears whole or not at all
   * @param keys whether the coordinator's secret keys go with it
   * @throws StoreException if the store cannot be read, a blob of it is damaged, or {@code out}
   *     exists
   */
  public static BackupManifest write(
      Path store, @Nullable PostgresSettings database, Path out, boolean keys) {
    Path target = out.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw new StoreException(
          StoreException.NOT_WRITABLE,
          out + " exists. A backup is a new folder: choose another with --out.",
          null);
    }
    if (database == null && !Files.isRegularFile(store.resolve(SqliteFolder.FILE))) {
      throw new StoreException(
          StoreException.MISSING, store + " is no coordinator's store: it has no tables.", null);
    }
    try {
      Path partial = BackupFiles.fresh(target.resolveSibling(target.getFileName() + ".unfinished"));
      BackupManifest written = new Backup(store, database, partial).write(keys);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      return written;
    } catch (IOException e) {
      throw StoreException.of("Writing a backup to " + out, e);
    } catch (UncheckedIOException e) {
      throw StoreException.of("Writing a backup to " + out, e);
    } catch (SQLException e) {
      throw StoreException.of("Reading the store for a backup", e);
    }
  }

  private record Snapshot(
      String schema,
      String made,
      List<BackupManifest.Table> tables,
      List<BackupManifest.Part> blobs) {}

  private BackupManifest write(boolean keys) throws IOException, SQLException {
    Files.createDirectory(partial.resolve("blobs"));
    Files.createDirectory(partial.resolve("keys"));
    Snapshot snapshot = null;
    for (int tries = 1; snapshot == null; tries++) {
      try {
        snapshot = snapshot();
      } catch (NoSuchFileException e) {
        if (tries == TRIES) {
          throw Blobs.damaged(String.valueOf(e.getMessage()), "is missing");
        }
      }
    }
    List<BackupManifest.Part> kept = new ArrayList<>();
    for (String name : KEYS) {
      Path file = store.resolve(name);
      if (keys && Files.isRegularFile(file)) {
        kept.add(BackupFiles.write(partial.resolve("keys"), name, out -> Files.copy(file, out)));
      }
    }
    BackupManifest manifest =
        new BackupManifest(
            BackupManifest.FORMAT,
            snapshot.schema(),
            snapshot.made(),
            snapshot.tables(),
            snapshot.blobs(),
            kept);
    var unused =
        BackupFiles.write(partial, BackupManifest.FILE, out -> out.write(manifest.toJson()));
    return manifest;
  }

  /** The tables as one transaction sees them, and the blobs that they name. */
  private Snapshot snapshot() throws IOException, SQLException {
    Path tables = BackupFiles.fresh(partial.resolve("tables"));
    try (Connection connection = connection()) {
      String made = Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS).toString();
      Sql sql = new Sql(connection);
      String schema = schema(sql);
      List<BackupManifest.Table> written = new ArrayList<>();
      for (String table : tables(connection)) {
        long[] rows = new long[1];
        BackupManifest.Part part =
            BackupFiles.write(
                tables,
                table,
                out -> {
                  DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out));
                  rows[0] = rows(connection, table, data);
                  data.flush();
                });
        written.add(new BackupManifest.Table(table, rows[0], part.length(), part.sha256()));
      }
      List<BackupManifest.Part> blobs = new ArrayList<>();
      for (String digest : new TreeSet<>(Store.referenced(sql))) {
        blobs.add(blob(connection, digest));
      }
      connection.rollback();
      return new Snapshot(schema, made, written, blobs);
    }
  }

  private static long rows(Connection connection, String table, DataOutputStream data)
      throws IOException {
    try {
      return Rows.write(connection, table, data);
    } catch (SQLException e) {
      throw StoreException.of("Reading table " + table, e);
    }
  }

  private Connection connection() throws SQLException {
    PostgresSettings settings = database;
    if (settings == null) {
      Connection connection =
          DriverManager.getConnection("jdbc:sqlite:" + store.resolve(SqliteFolder.FILE));
      connection.setAutoCommit(false); // The first SELECT decides what is seen.
      return connection;
    }
    Connection connection =
        DriverManager.getConnection(settings.url(), settings.user(), settings.password());
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    return connection;
  }

  /** The version of the tables. */
  static String schema(Sql sql) throws SQLException {
    return sql.query(
            "SELECT version FROM flyway_schema_history WHERE version IS NOT NULL"
                + " ORDER BY installed_rank DESC LIMIT 1",
            row -> row.getString(1))
        .get(0);
  }

  /** Every table but those of the migrations, the lease, blobs, and the keys of clients' tokens. */
  static List<String> tables(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    DatabaseMetaData about = connection.getMetaData();
    try (ResultSet found =
        about.getTables(null, connection.getSchema(), "%", new String[] {"TABLE"})) {
      while (found.next()) {
        String name = found.getString("TABLE_NAME");
        if (!NOT_ROWS.contains(name) && !name.startsWith("sqlite_")) {
          names.add(name);
        }
      }
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  /** A blob from where the store keeps it, checked against its name on the way. */
  private BackupManifest.Part blob(Connection connection, String digest) throws IOException {
    Path folder = partial.resolve("blobs");
    Path copy = folder.resolve(digest);
    if (Files.exists(copy)) {
      return new BackupManifest.Part(digest, Files.size(copy), digest); // Of an earlier try.
    }
    try {
      BackupManifest.Part part =
          BackupFiles.write(folder, digest, out -> copy(connection, digest, out));
      if (!part.sha256().equals(digest)) {
        throw Blobs.damaged(digest, "has other bytes than its name says");
      }
      return part;
    } catch (IOException e) {
      Files.deleteIfExists(copy);
      throw e;
    }
  }

  private void copy(Connection connection, String digest, OutputStream out) throws IOException {
    PostgresSettings settings = database;
    Path shared = settings == null ? store.resolve("blobs") : settings.blobs();
    if (shared == null) {
      parts(connection, digest, out);
    } else {
      Files.copy(shared.resolve(digest.substring(0, 2)).resolve(digest.substring(2)), out);
    }
  }

  private static void parts(Connection connection, String digest, OutputStream out)
      throws IOException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT bytes FROM blob_part WHERE digest = ? ORDER BY part")) {
      statement.setString(1, digest);
      statement.setFetchSize(1);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          out.write(rows.getBytes(1));
        }
      }
    } catch (SQLException e) {
      throw StoreException.of("Reading blob " + digest, e);
    }
  }
}
