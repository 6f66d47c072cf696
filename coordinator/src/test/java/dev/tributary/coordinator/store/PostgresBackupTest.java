package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresBackupTest extends BackupSuite {
  private final Map<String, String> schemas = new HashMap<>();

  @Override
  PostgresSettings database(String name) {
    String schema = schemas.computeIfAbsent(name, any -> TestPostgres.schema());
    return TestPostgres.settings(schema, PostgresSettings.LEASE);
  }

  /** One format for both: a store may change its database by way of a backup. */
  @Test
  void backup_ofPostgres_isRestoredIntoSqlite() {
    try (Store store = Store.open(directory.resolve("store"), database("store"))) {
      StoreContract.script(store);
      Backup.write(directory.resolve("store"), database("store"), directory.resolve("out"), true);
    }
    Restore.read(directory.resolve("out"), directory.resolve("sqlite"), null, "tester");
    try (Store again = Store.open(directory.resolve("sqlite"), Durability.MEMORY)) {
      assertThat(again.rollBack().jobs()).hasSize(1);
      assertThat(again.ledger("default").entries()).isNotEmpty();
    }
  }
}
