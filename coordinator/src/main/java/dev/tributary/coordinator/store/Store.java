package dev.tributary.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerHistory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Everything that a coordinator must not forget: a folder with a database, content-addressed files
 * and a lock that keeps a second coordinator out. All SQL is in this package.
 *
 * <p>Concurrency: one connection, so transactions are serial; {@link TaskStore} groups what belongs
 * together into one transaction each. Whoever writes a blob holds the monitor of {@link #blobs}
 * until the row that names it is there, and whoever removes one looks for such rows under it. Safe
 * for many threads.
 */
public final class Store implements AutoCloseable {
  private static final String MIGRATIONS = "classpath:dev/tributary/coordinator/store/migrations";

  /** Told of the steps inside a transaction; tests throw here to stand for a crash. */
  @FunctionalInterface
  interface Probe {
    void at(String step);

    Probe NONE = step -> {};
  }

  /** A piece of work inside one transaction. */
  @FunctionalInterface
  interface Transaction<T> {
    T run(Sql sql) throws SQLException;
  }

  private final Path directory;
  private final FileChannel lock;
  private final HikariDataSource pool;
  private final Blobs blobs;
  private final Probe probe;

  private Store(Path directory, FileChannel lock, HikariDataSource pool, Blobs blobs, Probe probe) {
    this.directory = directory;
    this.lock = lock;
    this.pool = pool;
    this.blobs = blobs;
    this.probe = probe;
  }

  /**
   * Opens the store of a folder, or makes it.
   *
   * @throws StoreException if another coordinator has it open, or it cannot be read or written
   */
  public static Store open(Path directory, Durability durability) {
    return open(directory, durability, Probe.NONE);
  }

  static Store open(Path directory, Durability durability, Probe probe) {
    return open(directory, durability, probe, Blobs::write);
  }

  static Store open(Path directory, Durability durability, Probe probe, Blobs.Disk disk) {
    FileChannel lock = lock(directory);
    try {
      String url = url(directory, durability);
      migrate(directory, url);
      Blobs blobs =
          new Blobs(Files.createDirectories(directory.resolve("blobs")), durability, disk);
      HikariDataSource pool = new HikariDataSource(config(url));
      new Store(directory, lock, pool, blobs, Probe.NONE).removeUnreferencedBlobs();
      return new Store(directory, lock, pool, blobs, probe);
    } catch (IOException e) {
      closed(lock);
      throw StoreException.of("Opening the store " + directory, e);
    } catch (RuntimeException e) {
      closed(lock);
      throw e;
    }
  }

  /** What belongs to one task that may spend a whole population's budget. */
  public TaskStore task(String name, Budget budget) {
    return task(name, budget, budget);
  }

  /**
   * What belongs to one task.
   *
   * @param part what the task may spend
   * @param whole what the population may, if its ledger begins with this task
   */
  public TaskStore task(String name, Budget part, Budget whole) {
    return new TaskStore(this, name, part, whole);
  }

  /** The populations that have a ledger, by name. */
  public List<String> populations() {
    return transaction(
        "Reading which populations have a ledger",
        sql ->
            sql.query(
                "SELECT DISTINCT population FROM ledger ORDER BY population",
                row -> row.getString(1)));
  }

  /**
   * What the ledger of a population tells.
   *
   * @throws dev.tributary.privacy.LedgerDamagedException if it is not what was written, or missing
   */
  public LedgerHistory ledger(String population) {
    return transaction(
        "Reading the ledger of population " + population,
        sql -> {
          SqlLedger chain = new SqlLedger(sql, population);
          Ledger.open(chain);
          return LedgerHistory.of(chain.load());
        });
  }

  /**
   * Raises a population's budget; see {@link Ledger#raise}.
   *
   * @throws dev.tributary.privacy.OperatorException if its operator did not sign
   */
  public Budget raise(
      String population, double epsilon, String reason, UnaryOperator<byte[]> sign) {
    return transaction(
        "Raising the budget of population " + population,
        sql -> {
          Ledger ledger = Ledger.open(new SqlLedger(sql, population));
          ledger.raise(epsilon, reason, sign);
          return ledger.budget();
        });
  }

  /** Nonces of check-ins. */
  public Nonces nonces() {
    return new Nonces(this);
  }

  /** Models and optimizer states by digest. */
  public Blobs blobs() {
    return blobs;
  }

  /** The folder, where the coordinator's keys and uploads lie too. */
  public Path directory() {
    return directory;
  }

  /** Lets go of the folder; what was acknowledged is on disk already. */
  @Override
  public void close() {
    pool.close();
    closed(lock);
  }

  <T> T transaction(String what, Transaction<T> work) {
    try (Connection connection = pool.getConnection()) {
      try {
        T result = work.run(new Sql(connection));
        probe.at("before commit");
        connection.commit();
        probe.at("after commit");
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw StoreException.of(what, e);
    }
  }

  /** Nobody else is there yet: the folder is locked, and this store not handed out. */
  private void removeUnreferencedBlobs() {
    try {
      blobs.removeAllBut(transaction("Reading which blobs are in use", Store::referenced));
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  /** The digests that a row names. */
  static Set<String> referenced(Sql sql) throws SQLException {
    return new HashSet<>(
        sql.query(
            "SELECT digest FROM model UNION SELECT initial_model FROM task"
                + " UNION SELECT model FROM round WHERE model IS NOT NULL"
                + " UNION SELECT optimizer FROM round WHERE optimizer IS NOT NULL"
                + " UNION SELECT noise FROM round WHERE noise IS NOT NULL",
            row -> row.getString(1)));
  }

  Probe probe() {
    return probe;
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private static FileChannel lock(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock;
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        channel.close();
        throw new StoreException(
            StoreException.LOCKED,
            "Another coordinator works with the store "
                + directory
                + ". Stop it first, or give this one a folder of its own.",
            null);
      }
      return channel;
    } catch (IOException e) {
      throw StoreException.of("Opening the store " + directory, e);
    }
  }

  private static void closed(FileChannel lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw StoreException.of("Letting go of the store's lock", e);
    }
  }

  private static String url(Path directory, Durability durability) {
    return "jdbc:sqlite:"
        + directory.resolve("tributary.db")
        + "?journal_mode=WAL&synchronous="
        + (durability == Durability.DISK ? "FULL" : "OFF");
  }

  private static HikariConfig config(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(1);
    config.setAutoCommit(false);
    config.setPoolName("tributary-store");
    return config;
  }

  private static void migrate(Path directory, String url) {
    try {
      Flyway.configure().dataSource(url, null, null).locations(MIGRATIONS).load().migrate();
    } catch (FlywayException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql) {
          throw StoreException.of("Opening the store " + directory, sql);
        }
      }
      throw new StoreException(
          StoreException.DAMAGED,
          "The store "
              + directory
              + " does not have the tables that it must have: "
              + e.getMessage(),
          e);
    }
  }
}
