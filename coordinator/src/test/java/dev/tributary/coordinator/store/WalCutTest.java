package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store whose write-ahead log was cut within its last transaction: what is found then is the
 * store before that transaction, never a part of it, and the ledger fits the rounds.
 */
class WalCutTest {
  private static final String DATABASE = "tributary.db";
  private static final String LOG = DATABASE + "-wal";
  private static final List<String> TABLES =
      List.of("task", "model", "round", "journal", "ledger", "ledger_head");

  /** Of the file format of SQLite: of the log, and of each page in it. */
  private static final int LOG_HEADER = 32;

  private static final int PAGE_HEADER = 24;

  @TempDir private Path directory;
  private byte[] database;
  private byte[] log;

  /** The store of a script as it lies on the disk after some of its transactions, still open. */
  private void written(int rounds) throws IOException {
    Path folder = directory.resolve("whole" + rounds);
    try (Store store = Store.open(folder, Durability.DISK)) {
      TaskStore task = store.task("job", StoreContract.BUDGET);
      task.begin("source", StoreContract.bytes("model 0"));
      for (int round = 1; round <= rounds; round++) {
        task.reserve(
            round, StoreContract.bytes("plan"), List.of(3, 1, 2), StoreContract.EVENT, round);
        task.commit(
            round, StoreContract.bytes("model " + round), StoreContract.bytes("o"), s -> "{}");
      }
      database = Files.readAllBytes(folder.resolve(DATABASE));
      log = Files.readAllBytes(folder.resolve(LOG));
      copy(folder.resolve("blobs"), directory.resolve("blobs"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Where transactions end in the log: after pages whose header tells the size of the database. */
  private List<Integer> ends() {
    ByteBuffer header = ByteBuffer.wrap(log);
    int page = PAGE_HEADER + header.getInt(8);
    List<Integer> ends = new ArrayList<>();
    for (int at = LOG_HEADER; at + page <= log.length; at += page) {
      if (header.getInt(at + 4) != 0) {
        ends.add(at + page);
      }
    }
    return ends;
  }

  private Path cutAt(int length) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("cut"));
    Files.deleteIfExists(folder.resolve(DATABASE + "-shm"));
    Files.write(folder.resolve(DATABASE), database);
    Files.write(folder.resolve(LOG), Arrays.copyOf(log, length));
    copy(directory.resolve("blobs"), folder.resolve("blobs"));
    return folder;
  }

  private static List<String> rows(Path folder) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(DATABASE));
        Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        ResultSet row = statement.executeQuery("SELECT * FROM " + table + " ORDER BY 1, 2");
        while (row.next()) {
          StringBuilder text = new StringBuilder(table);
          for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            byte[] value = row.getBytes(i);
            text.append(' ').append(Arrays.toString(value));
          }
          rows.add(text.toString());
        }
      }
    }
    return rows;
  }

  /** Every so many bytes, and each around the headers of pages. */
  private void check(int step) throws IOException, SQLException {
    written(2);
    List<Integer> ends = ends();
    int end = ends.get(ends.size() - 1);
    int start = ends.get(ends.size() - 2);
    int page = PAGE_HEADER + ByteBuffer.wrap(log).getInt(8);
    List<String> before = rows(cutAt(start));
    List<String> after = rows(cutAt(end));
    assertThat(after).isNotEqualTo(before);
    TreeSet<Integer> cuts = new TreeSet<>();
    for (int at = start; at < end; at += step) {
      cuts.add(at);
    }
    for (int at = start; at < end; at += page) {
      for (int near : new int[] {-1, 1, 4, 8, 16, PAGE_HEADER - 1, PAGE_HEADER, PAGE_HEADER + 1}) {
        cuts.add(Math.max(start, at + near));
      }
    }
    cuts.add(end - 1);
    for (int cut : cuts) {
      assertThat(rows(cutAt(cut)))
          .as("cut at byte %d of %d", cut - start, end - start)
          .isEqualTo(before);
    }
    for (int cut : new int[] {start, start + page, (start + end) / 2, end - 1, end}) {
      try (Store store = Store.open(cutAt(cut), Durability.DISK)) {
        StoreContract.check(store);
        TaskStore task = store.task("job", StoreContract.BUDGET);
        assertThat(task.rounds().get(1).state())
            .isEqualTo(cut == end ? RoundRecord.State.COMMITTED : RoundRecord.State.RUNNING);
        StoreContract.settleAndGoOn(store);
        StoreContract.check(store);
      }
    }
  }

  @Test
  void logCutInItsLastTransaction_isTheStoreBeforeIt() throws Exception {
    check(211);
  }

  @Test
  @Tag("nightly")
  void logCutAtEveryByteOfItsLastTransaction_isTheStoreBeforeIt() throws Exception {
    check(1);
  }
}
