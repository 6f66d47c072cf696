package dev.tributary.coordinator.store;

/** Lets the database of a store grow no further than a disk without room would. */
public final class SmallDisk {
  private SmallDisk() {}

  /** Leaves room for so many more pages, until the store is closed. */
  public static void leave(Store store, int pages) {
    store.transaction(
        "Limiting the database",
        sql -> {
          int now = sql.query("PRAGMA page_count", row -> row.getInt(1)).get(0);
          return sql.query("PRAGMA max_page_count = " + (now + pages), row -> row.getInt(1));
        });
  }
}
