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

  /** Gives it room again. */
  public static void makeRoom(Store store) {
    store.transaction(
        "Limiting the database",
        sql -> sql.query("PRAGMA max_page_count = 1073741823", row -> row.getLong(1)));
  }

  /** Lets the database take writes or not, as a disk that was mounted anew would. */
  public static void readOnly(Store store, boolean readOnly) {
    store.transaction(
        "Protecting the database", sql -> sql.update("PRAGMA query_only = " + (readOnly ? 1 : 0)));
  }
}
