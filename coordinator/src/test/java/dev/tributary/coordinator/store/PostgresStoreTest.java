package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** The contract on a real PostgreSQL, a schema for each store, and what is its own there. */
class PostgresStoreTest extends StoreContract {
  private final Map<String, String> schemas = new HashMap<>();

  @Override
  Store open(String name, Store.Probe probe) {
    return Store.open(directory.resolve(name), settings(name, PostgresSettings.LEASE), probe);
  }

  private String schema(String name) {
    return schemas.computeIfAbsent(name, any -> TestPostgres.schema());
  }

  private PostgresSettings settings(String name, Duration lease) {
    return TestPostgres.settings(schema(name), lease);
  }

  @Override
  void migrate(String version) {
    PostgresSettings settings = settings("store", PostgresSettings.LEASE);
    Flyway.configure()
        .dataSource(settings.url(), settings.user(), settings.password())
        .locations(Database.MIGRATIONS)
        .target(version)
        .load()
        .migrate();
  }

  @Override
  void tamper(String statement) {
    TestPostgres.run("SET search_path = " + schema("store") + "; " + statement);
  }

  @Test
  void open_whileAnotherHasIt_isRefusedByName() {
    try (Store store = open()) {
      assertThat(store.directory()).isEqualTo(directory.resolve("store"));
      assertThatThrownBy(this::open)
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("store-locked"))
          .hasMessageContaining("Another coordinator works with this database: ");
    }
    open().close();
  }

  /** A former owner that comes back changes nothing, and is told. */
  @Test
  void transaction_afterTheLeaseRanOut_isRefusedToTheFormerOwner() {
    Duration lease = Duration.ofMinutes(1);
    try (Store former = Store.open(directory.resolve("a"), settings("store", lease))) {
      script(former);
      TestPostgres.endLease(schema("store"));
      try (Store next = Store.open(directory.resolve("b"), settings("store", lease))) {
        TaskStore task = former.task("job", BUDGET);
        assertThatThrownBy(() -> task.reserve(3, bytes("plan"), List.of(1), FREE, 1))
            .isInstanceOfSatisfying(
                StoreException.class, e -> assertThat(e.code()).isEqualTo("store-taken-over"));
        assertThat(next.task("job", BUDGET).rounds()).hasSize(2);
        next.task("job", BUDGET).reserve(3, bytes("plan"), List.of(1), FREE, 1);
      }
    }
  }

  /** Else an owner that stands still within a transaction would keep the next one waiting. */
  @Test
  void transaction_thatStandsStill_isEndedByTheServer() {
    try (Store store = open()) {
      List<String> limit =
          store.transaction(
              "Looking",
              sql ->
                  sql.query("SHOW idle_in_transaction_session_timeout", row -> row.getString(1)));
      assertThat(limit).containsExactly("15s");
    }
  }

  @Test
  void lease_isRenewedAsLongAsItsOwnerLives() {
    Duration lease = Duration.ofSeconds(2);
    try (Store store = Store.open(directory.resolve("a"), settings("store", lease))) {
      long first = expires();
      await().atMost(Duration.ofSeconds(30)).until(() -> expires() > first + lease.toMillis());
      script(store);
      check(store);
    }
    assertThat(expires()).isZero();
  }

  private long expires() {
    return TestPostgres.number("SELECT expires FROM " + schema("store") + ".lease");
  }

  @Test
  void blobs_ofManyParts_comeBackAndAreChecked() throws IOException {
    byte[] large = new byte[(5 << 19) + 1];
    new Random(1).nextBytes(large);
    try (Store store = open()) {
      String digest = store.blobs().put(large);
      assertThat(store.blobs().put(large)).isEqualTo(digest);
      assertThat(store.blobs().put(new byte[0])).hasSize(64);
      assertThat(store.blobs().read(digest)).isEqualTo(large);
      Path copy = store.blobs().file(digest);
      assertThat(copy).hasBinaryContent(large);
      Files.delete(copy);
      assertThat(store.blobs().file(digest)).hasBinaryContent(large);
      Files.delete(copy);

      tamper("UPDATE blob_part SET bytes = '\\x00' WHERE part = 2 AND digest = '" + digest + "'");
      assertThatThrownBy(() -> store.blobs().file(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("has other bytes than its name says");
      tamper("DELETE FROM blob_part");
      assertThatThrownBy(() -> store.blobs().read(digest))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is missing");
      assertThatThrownBy(() -> store.blobs().read("x' OR 'x"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void drafts_ofManyParts_areRowsAndCopies() throws IOException {
    for (int length : new int[] {0, 1, 1 << 20, 2 << 20, (5 << 19) + 1}) {
      byte[] large = new byte[length];
      new Random(length).nextBytes(large);
      try (Store store = open();
          Draft draft = store.draft()) {
        draft.write(0, large);
        draft.seal();
        String digest = store.put(draft);
        assertThat(digest).isEqualTo(Blobs.digest(large));
        assertThat(store.blobs().checked(digest)).hasBinaryContent(large);
        assertThat(store.blobs().read(digest)).isEqualTo(large);
        Files.delete(store.blobs().file(digest));
        assertThat(store.blobs().checked(digest)).hasBinaryContent(large);
      }
    }
  }

  @Test
  void blobs_thatNoRowNames_goAtTheNextStart() {
    String orphan;
    try (Store store = open()) {
      script(store);
      orphan = store.blobs().put(bytes("a model whose round never came to its commit"));
    }
    try (Store store = open()) {
      assertThatThrownBy(() -> store.blobs().read(orphan)).hasMessageContaining("is missing");
      check(store);
    }
  }

  @Test
  void open_sharedFolderOfBlobs_keepsThemThere() {
    PostgresSettings rows = settings("store", PostgresSettings.LEASE);
    PostgresSettings shared =
        new PostgresSettings(
            rows.url(), rows.user(), "", directory.resolve("shared"), rows.lease());
    try (Store store = Store.open(directory.resolve("a"), shared)) {
      String digest = store.blobs().put(bytes("model"));
      assertThat(store.blobs().file(digest)).startsWith(directory.resolve("shared"));
    }
  }

  @Test
  void open_databaseAway_isUnreadableAndSaysWhatToLookAt() {
    PostgresSettings nowhere =
        new PostgresSettings(
            "jdbc:postgresql://localhost:1/x", "u", "", null, PostgresSettings.LEASE);
    assertThatThrownBy(() -> Store.open(directory.resolve("a"), nowhere))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo("store-unreadable"))
        .hasMessageContaining("Check that the database runs");
  }

  @Test
  void settings_showNoPassword() {
    PostgresSettings settings =
        new PostgresSettings("jdbc:postgresql://h/d", "u", "secret", null, PostgresSettings.LEASE);
    assertThat(settings.toString()).doesNotContain("secret");
    assertThatThrownBy(
            () ->
                new PostgresSettings(
                    "jdbc:postgresql://h/d?password=x", "", "", null, PostgresSettings.LEASE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
