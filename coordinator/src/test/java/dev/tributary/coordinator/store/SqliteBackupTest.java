package dev.tributary.coordinator.store;

import org.jspecify.annotations.Nullable;

class SqliteBackupTest extends BackupSuite {
  @Override
  @Nullable PostgresSettings database(String name) {
    return null;
  }
}
