package dev.tributary.coordinator.store;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that keeps a store open until it is killed. */
final class StoreHolder {
  private StoreHolder() {}

  public static void main(String[] args) throws InterruptedException {
    try (Store store = Store.open(Path.of(args[0]), Durability.MEMORY)) {
      System.out.println(store.directory() == null ? "" : "open");
      new CountDownLatch(1).await();
    }
  }
}
