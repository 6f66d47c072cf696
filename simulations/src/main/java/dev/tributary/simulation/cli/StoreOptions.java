package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.ServerFile;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.PostgresSettings;
import dev.tributary.coordinator.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the store of a coordinator is. */
final class StoreOptions {
  @Option(names = "--store", paramLabel = "DIR", description = "Folder of the coordinator's store.")
  private @Nullable Path folder;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "coordinator.yaml, which names the store and, if there is one, its database.")
  private @Nullable Path config;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** Where a store is, or is to be. */
  record Place(Path folder, @Nullable PostgresSettings database) {}

  Place place() {
    if (folder == null && config == null) {
      throw new ParameterException(spec.commandLine(), "Give --store DIR or --config FILE.");
    }
    ServerFile server = config == null ? ServerFile.DEFAULTS : ServerFile.read(config);
    return new Place(folder == null ? server.store() : folder, server.database());
  }

  /** Opens the store, or makes it, as the coordinator's first start would. */
  Store openOrMake() {
    Place place = place();
    PostgresSettings database = place.database();
    return database == null
        ? Store.open(place.folder(), Durability.DISK)
        : Store.open(place.folder(), database);
  }

  /** Opens the store, which must be there. */
  Store open() {
    Place place = place();
    PostgresSettings database = place.database();
    if (database != null) {
      return Store.open(place.folder(), database);
    }
    if (!Files.isRegularFile(place.folder().resolve(LedgerStores.DATABASE))) {
      throw new CommandException(
          ErrorCode.DATA_MISSING,
          place.folder() + " is no coordinator's store. Give its folder with --store.");
    }
    return Store.open(place.folder(), Durability.DISK);
  }
}
