package dev.tributary.coordinator.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a store back from a backup, where there is none. Every file is checked against the manifest
 * before anything is written; rows, and that the store was restored, are one transaction. What is
 * there then is an older state, so that nothing may be spent from it until somebody has said what
 * was spent since ({@link RollBack}).
 */
public final class Restore {
  private Restore() {}

  /**
   * Restores.
   *
   * @param from the folder of a backup
   * @param store where the store's folder is to be: not there yet, or empty
   * @param database an empty one for the tables; null for SQLite in the folder
   * @param who does it, for the audit log
   * @throws StoreException if there is a store already, the backup is damaged, or it is of tables
   *     of another version; nothing was restored then
   */
  public static BackupManifest read(
      Path from, Path store, @Nullable PostgresSettings database, String who) {
    try {
      BackupManifest manifest = checked(from);
      Path target = store.toAbsolutePath().normalize();
      requireNone(target, database);
      Path unfinished =
          BackupFiles.fresh(target.resolveSibling(target.getFileName() + ".unfinished"));
      try {
        fill(unfinished, database, from, manifest, who);
      } catch (IOException | RuntimeException e) {
        BackupFiles.remove(unfinished);
        throw e;
      }
      Files.deleteIfExists(target);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      return manifest;
    } catch (IOException e) {
      throw StoreException.of("Restoring the backup " + from, e);
    } catch (SQLException e) {
      throw StoreException.of("Restoring the backup " + from, e);
    }
  }

  /** The manifest of a backup all of whose files are what it says. */
  static BackupManifest checked(Path from) throws IOException {
    Path file = from.resolve(BackupManifest.FILE);
    try {
      if (Files.size(file) > BackupManifest.LONGEST) {
        throw BackupFiles.damaged("its manifest is too long");
      }
    } catch (NoSuchFileException e) {
      throw new StoreException(
          StoreException.MISSING, from + " is no backup: it has no " + BackupManifest.FILE, e);
    }
    BackupManifest manifest = BackupManifest.parse(Files.readAllBytes(file));
    for (BackupManifest.Table table : manifest.tables()) {
      var unused = BackupFiles.check(from.resolve("tables"), table.part());
    }
    for (BackupManifest.Part blob : manifest.blobs()) {
      var unused = BackupFiles.check(from.resolve("blobs"), blob);
    }
    for (BackupManifest.Part key : manifest.keys()) {
      var unused = BackupFiles.check(from.resolve("keys"), key);
    }
    return manifest;
  }

  private static void requireNone(Path target, @Nullable PostgresSettings database)
      throws IOException, SQLException {
    if (Files.exists(target)) {
      try (Stream<Path> files = Files.list(target)) {
        if (files.findAny().isPresent()) {
          throw exists(target + " is not empty");
        }
      }
    }
    if (database == null) {
      return;
    }
    try (Connection connection =
        DriverManager.getConnection(database.url(), database.user(), database.password())) {
      if (!Backup.tables(connection).isEmpty()) {
        throw exists("the database " + database.url() + " has tables");
      }
    }
  }

  private static StoreException exists(String what) {
    return new StoreException(
        StoreException.EXISTS,
        "A backup is never restored over a store, and "
            + what
            + ". Move what is there away and keep it: its ledger may say more than the backup.",
        null);
  }

  private static void fill(
      Path folder,
      @Nullable PostgresSettings database,
      Path from,
      BackupManifest manifest,
      String who)
      throws IOException {
    for (BackupManifest.Part key : manifest.keys()) {
      Path file = from.resolve("keys").resolve(key.name());
      var unused = BackupFiles.write(folder, key.name(), out -> Files.copy(file, out));
    }
    try (Store opened =
        database == null ? Store.open(folder, Durability.DISK) : Store.open(folder, database)) {
      fill(opened, from, manifest, who);
    }
  }

  private static void fill(Store store, Path from, BackupManifest manifest, String who)
      throws IOException {
    synchronized (store.blobs()) {
      for (BackupManifest.Part blob : manifest.blobs()) {
        Path file = from.resolve("blobs").resolve(blob.name());
        if (!store.blobs().put(Files.readAllBytes(file)).equals(blob.name())) {
          throw BackupFiles.damaged(file + " has changed meanwhile");
        }
      }
      store.transaction(
          "Restoring the rows of a backup",
          sql -> {
            String ours = Backup.schema(sql);
            if (!ours.equals(manifest.schema())) {
              throw new StoreException(
                  StoreException.OTHER_VERSION,
                  "The backup has tables of version "
                      + manifest.schema()
                      + ", and this program makes version "
                      + ours
                      + ". Restore it with the program that wrote it, then start the newer one.",
                  null);
            }
            long rows = 0;
            for (BackupManifest.Table table : manifest.tables()) {
              rows += insert(sql, from, table);
            }
            List<String> missing = new ArrayList<>(Store.referenced(sql));
            missing.removeAll(manifest.blobs().stream().map(BackupManifest.Part::name).toList());
            if (!missing.isEmpty()) {
              throw BackupFiles.damaged("it lacks the blob " + missing.get(0));
            }
            store.rollBack().restored(sql, who, manifest);
            return rows;
          });
      for (String population : store.populations()) {
        var unused = store.ledger(population);
      }
      var unused = store.auditLog().verify(null);
    }
  }

  private static long insert(Sql sql, Path from, BackupManifest.Table table) throws SQLException {
    Path file = from.resolve("tables").resolve(table.name());
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      long rows = Rows.insert(sql, table.name(), in, table.length());
      if (rows != table.rows()) {
        throw BackupFiles.damaged("table " + table.name() + " has another number of rows");
      }
      return rows;
    } catch (IOException e) {
      throw BackupFiles.damaged("table " + table.name() + " ends early: " + e);
    }
  }
}
