package dev.tributary.privacy;

final class InMemoryLedgerStorageTest extends LedgerStorageContract {
  private final InMemoryLedgerStorage storage = new InMemoryLedgerStorage();

  @Override
  LedgerStorage storage() {
    return storage;
  }

  @Override
  LedgerStorage reopened() {
    return storage;
  }
}
