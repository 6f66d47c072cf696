package dev.tributary.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** SQLite in a folder, with one connection; a lock on a file keeps others out. */
final class SqliteFolder implements Database {
  /** The database, within the folder. */
  static final String FILE = "tributary.db";

  private final FileChannel lock;
  private final HikariDataSource pool;

  private SqliteFolder(FileChannel lock, HikariDataSource pool) {
    this.lock = lock;
    this.pool = pool;
  }

  static SqliteFolder open(Path directory, Durability durability) {
    FileChannel lock = lock(directory);
    try {
      String url =
          "jdbc:sqlite:"
              + directory.resolve(FILE)
              + "?journal_mode=WAL&synchronous="
              + (durability == Durability.DISK ? "FULL" : "OFF");
      Database.migrate(directory.toString(), url, "", "");
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(url);
      config.setMaximumPoolSize(1);
      config.setAutoCommit(false);
      config.setPoolName("tributary-store");
      return new SqliteFolder(lock, new HikariDataSource(config));
    } catch (RuntimeException e) {
      closed(lock);
      throw e;
    }
  }

  @Override
  public Connection connection() throws SQLException {
    return pool.getConnection();
  }

  /** The lock is held as long as this is open. */
  @Override
  public void requireOwned(Sql sql) {}

  /** There is one connection. */
  @Override
  public void serialise(Sql sql, String what) {}

  @Override
  public @Nullable Nodes nodes() {
    return null;
  }

  @Override
  public void close() {
    pool.close();
    closed(lock);
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
}
