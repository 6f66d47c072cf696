package dev.tributary.simulation.cli;

import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.privacy.FileLedgerStorage;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.LedgerHistory;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ledgers that coordinators and clients write; nobody else may have them open. */
final class LedgerStores {
  /** The file that makes a folder a store. */
  static final String DATABASE = "tributary.db";

  private LedgerStores() {}

  /** Of a coordinator's store. */
  static LedgerHistory history(Path folder, @Nullable String population) {
    try (Store store = Store.open(folder, Durability.DISK)) {
      return store.ledger(population(store, folder, population));
    }
  }

  /** The population that was named, or the only one. */
  static String population(Store store, Path folder, @Nullable String named) {
    List<String> known = store.populations();
    if (named != null && known.contains(named)) {
      return named;
    }
    if (named == null && known.size() == 1) {
      return known.get(0);
    }
    throw new CommandException(
        ErrorCode.DATA_UNKNOWN,
        folder
            + " has ledgers of the populations "
            + known
            + ". Give one of them with --population.");
  }

  /** Of a client's state. */
  static LedgerHistory client(Path file) {
    try (FileLedgerStorage storage = FileLedgerStorage.open(file)) {
      Ledger.open(storage);
      return LedgerHistory.of(storage.load());
    }
  }
}
