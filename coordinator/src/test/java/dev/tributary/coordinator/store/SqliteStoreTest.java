package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class SqliteStoreTest extends StoreContract {
  @Override
  Store open(String name, Store.Probe probe) {
    return Store.open(directory.resolve(name), Durability.MEMORY, probe);
  }

  @Test
  void fullDatabase_atAnyPage_isToldAndLosesNothing() {
    int failures = 0;
    boolean fits = false;
    for (int pages = 0; !fits; pages++) {
      Path folder = directory.resolve("pages" + pages);
      Throwable thrown;
      try (Store store = Store.open(folder, Durability.DISK)) {
        SmallDisk.leave(store, pages);
        thrown = catchThrowable(() -> script(store));
      }
      fits = thrown == null;
      if (!fits) {
        failures++;
        assertThat(thrown)
            .as("room for %d pages", pages)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.code()).isEqualTo("disk-full"))
            .hasMessageEndingWith(": the disk is full. Free some space; nothing is lost.");
      }
      try (Store store = Store.open(folder, Durability.DISK)) {
        check(store);
        settleAndGoOn(store);
        check(store);
      }
    }
    assertThat(failures).isPositive();
  }

  @Test
  void fullDisk_whileABlobIsWritten_isToldAndLosesNothing() throws IOException {
    for (int room = 0; room < 3; room++) {
      Path folder = directory.resolve("room" + room);
      int[] left = {room};
      BlobFiles.Disk disk =
          (file, bytes, durability) -> {
            if (left[0]-- == 0) {
              BlobFiles.write(file, Arrays.copyOf(bytes, bytes.length / 2), durability);
              throw new IOException("No space left on device");
            }
            BlobFiles.write(file, bytes, durability);
          };
      try (Store store = Store.open(folder, Durability.DISK, step -> {}, disk)) {
        assertThatThrownBy(() -> script(store))
            .as("room for %d blobs", room)
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.code()).isEqualTo("disk-full"))
            .hasMessageContaining("the disk is full");
      }
      assertThat(blobs(folder)).as("room for %d blobs", room).hasSize(room);
      try (Store store = Store.open(folder, Durability.DISK)) {
        check(store);
        settleAndGoOn(store);
        check(store);
      }
    }
  }

  /** Each transaction is tried again from where it began, whatever it had done before. */
  @Test
  void fullDatabase_threadThatWaits_goesOnAtEveryPage() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      SmallDisk.leave(store, 0);
      List<StorePause> pauses = new CopyOnWriteArrayList<>();
      CompletableFuture<Void> work =
          CompletableFuture.runAsync(
              () -> {
                store.waitForRoomHere(pauses::add);
                script(store);
                settleAndGoOn(store);
              },
              task -> new Thread(task, "patient").start());
      for (int room = 1, last = 0; !work.isDone(); room = pauses.size() == last ? room + 1 : 1) {
        last = pauses.size();
        await().until(() -> work.isDone() || store.pause() != null);
        SmallDisk.leave(store, room);
      }
      work.get();
      assertThat(pauses).hasSizeGreaterThan(3);
      assertThat(pauses).extracting(StorePause::code).containsOnly("disk-full");
      assertThat(store.pause()).isNull();
      check(store);
    }
    try (Store store = Store.open(directory, Durability.DISK)) {
      check(store);
    }
  }

  @Test
  void diskThatTakesNoWrites_threadThatWaits_goesOnWhenItDoes() throws Exception {
    AtomicInteger refusals = new AtomicInteger(2);
    BlobFiles.Disk disk =
        (file, bytes, durability) -> {
          if (refusals.getAndDecrement() > 0) {
            throw new IOException("Read-only file system");
          }
          BlobFiles.write(file, bytes, durability);
        };
    try (Store store = Store.open(directory, Durability.MEMORY, step -> {}, disk)) {
      SmallDisk.readOnly(store, true);
      assertThatThrownBy(() -> script(store)).hasMessageContaining("takes no writes now");
      List<StorePause> pauses = new CopyOnWriteArrayList<>();
      refusals.set(2);
      CompletableFuture<Void> work =
          CompletableFuture.runAsync(
              () -> {
                store.waitForRoomHere(pauses::add);
                script(store);
              },
              task -> new Thread(task, "patient").start());
      await().until(() -> refusals.get() < 0 && store.pause() != null);
      SmallDisk.readOnly(store, false);
      work.get(20, TimeUnit.SECONDS);
      assertThat(pauses).hasSize(2).extracting(StorePause::code).containsOnly("store-read-only");
      check(store);
    }
  }

  @Test
  void threadThatWaits_interrupted_isToldWhy() throws Exception {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      SmallDisk.readOnly(store, true);
      AtomicReference<Throwable> told = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                store.waitForRoomHere(pause -> {});
                told.set(catchThrowable(() -> script(store)));
              });
      thread.start();
      await().until(() -> store.pause() != null);
      thread.interrupt();
      thread.join(20_000);
      assertThat(told.get())
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-read-only"));
    }
  }

  @Test
  void blobs_thatNoRowNames_goAtTheNextStart() throws IOException {
    Path stranger;
    String orphan;
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      script(store);
      orphan = store.blobs().put(bytes("a model whose round never came to its commit"));
      Path folder = store.blobs().file(orphan).getParent();
      Files.writeString(folder.resolve("new-1.tmp"), "half a mod");
      stranger = Files.writeString(folder.resolve("notes.txt"), "an operator's");
    }
    assertThat(blobs(directory)).hasSize(6);
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      assertThat(store.blobs().file(orphan)).doesNotExist();
      assertThat(blobs(directory)).hasSize(4).contains(stranger);
      check(store);
    }
  }

  private static List<Path> blobs(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void open_secondTime_isRefusedInThisProcess() {
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      assertThat(store.directory()).isEqualTo(directory);
      StoreException refused =
          catchThrowableOfType(
              StoreException.class, () -> Store.open(directory, Durability.MEMORY).close());
      assertThat(refused.code()).isEqualTo("store-locked");
    }
  }

  @Test
  void open_whileAnotherProcessHasIt_isRefused() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StoreHolder.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("open");

      assertThatThrownBy(() -> Store.open(directory, Durability.MEMORY).close())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("Another coordinator works with the store");
    } finally {
      other.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
    try (Store store = Store.open(directory, Durability.MEMORY)) {
      assertThat(store.task("job", BUDGET).find()).isEmpty();
    }
  }

  @Test
  void open_garbageForADatabase_isDamaged() throws IOException {
    Files.writeString(directory.resolve("tributary.db"), "this is no database ".repeat(100));

    StoreException refused =
        catchThrowableOfType(
            StoreException.class, () -> Store.open(directory, Durability.DISK).close());

    assertThat(refused.code()).isEqualTo("store-damaged");
    assertThat(refused).hasMessageContaining("never started afresh");
  }

  @Test
  void open_whereAFileStands_isUnreadable() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");

    StoreException refused =
        catchThrowableOfType(StoreException.class, () -> Store.open(file, Durability.DISK).close());

    assertThat(refused.code()).isEqualTo("store-unreadable");
  }

  /** A round of fifty must not read a million members. */
  @Test
  void endOfARound_looksForWithdrawnMembers_inAnIndexOfThem() {
    try (Store store = open()) {
      List<String> plan =
          store.transaction(
              "Explaining",
              sql ->
                  sql.query(
                      "EXPLAIN QUERY PLAN " + Withdrawals.WITHDRAWN,
                      row -> row.getString(4),
                      "job",
                      32));
      assertThat(plan).singleElement().asString().contains("USING INDEX member_withdrawn");
    }
  }

  @Override
  void migrate(String version) {
    Path folder = directory.resolve("store");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Flyway.configure()
        .dataSource("jdbc:sqlite:" + folder.resolve("tributary.db"), "", "")
        .locations(Database.MIGRATIONS)
        .target(version)
        .load()
        .migrate();
  }

  @Override
  void tamper(String statement) throws SQLException {
    String url = "jdbc:sqlite:" + directory.resolve("store/tributary.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement sql = connection.createStatement()) {
      sql.executeUpdate(statement);
    }
  }

  @Test
  void blobs_changedOrMissing_areDamaged() throws IOException {
    try (Store store = Store.open(directory, Durability.DISK)) {
      String digest = store.blobs().put(bytes("a model"));
      assertThat(store.blobs().put(bytes("a model"))).isEqualTo(digest);
      assertThat(store.blobs().read(digest)).isEqualTo(bytes("a model"));

      Files.writeString(store.blobs().file(digest), "another");
      assertThatThrownBy(() -> store.blobs().read(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("has other bytes than its name says");
      Files.delete(store.blobs().file(digest));
      assertThatThrownBy(() -> store.blobs().read(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is missing");
      assertThatThrownBy(() -> store.blobs().read("../../etc/passwd"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void exceptions_ofTheDatabase_haveTheirCodes() {
    assertThat(StoreException.of("x", new SQLException("full", "", 13)).code())
        .isEqualTo("disk-full");
    assertThat(StoreException.of("x", new SQLException("corrupt", "", 11)).code())
        .isEqualTo("store-damaged");
    assertThat(StoreException.of("x", new SQLException("read only", "", 8)).code())
        .isEqualTo("store-read-only");
    assertThat(StoreException.of("x", new SQLException("read only", "25006", 0)).code())
        .isEqualTo("store-read-only");
    assertThat(StoreException.of("x", new SQLException("disk full", "53100", 0)).code())
        .isEqualTo("disk-full");
    assertThat(StoreException.of("x", new IOException("Read-only file system")).code())
        .isEqualTo("store-read-only");
    assertThat(StoreException.wantsRoom(new RuntimeException(new IOException("No space left"))))
        .isTrue();
    assertThat(StoreException.wantsRoom(new RuntimeException("No space left"))).isFalse();
    assertThat(StoreException.of("x", new IOException("No space left on device")).code())
        .isEqualTo("disk-full");
  }
}
