package dev.tributary.simulation.cli;

import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.store.Backup;
import dev.tributary.coordinator.store.BackupManifest;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tributary backup}. */
@Command(
    name = "backup",
    description =
        "Copies a coordinator's store into a new folder, while the coordinator runs or not.",
    mixinStandardHelpOptions = true)
public final class BackupCommand implements Runnable {
  @Mixin private StoreOptions where = new StoreOptions();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "A folder that is not there yet.")
  private Path out = Path.of("backup");

  @Option(
      names = "--without-keys",
      description =
          "Leaves the coordinator's secret keys out, for whoever keeps them elsewhere: without them"
              + " no client comes back to a restored coordinator.")
  private boolean withoutKeys;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    StoreOptions.Place place = where.place();
    BackupManifest made = Backup.write(place.folder(), place.database(), out, !withoutKeys);
    long rows = made.tables().stream().mapToLong(BackupManifest.Table::rows).sum();
    long bytes = made.blobs().stream().mapToLong(BackupManifest.Part::length).sum();
    spec.commandLine()
        .getOut()
        .println(
            Terminal.format(
                "%s: %,d rows, %,d models and states of %,d bytes, %d key files, as of %s",
                out, rows, made.blobs().size(), bytes, made.keys().size(), made.made()));
    if (!withoutKeys && !made.hasKey(Coordinator.KEY_FILE)) {
      spec.commandLine()
          .getOut()
          .println(
              "The signing key is not in the store's folder, and so not in the backup: keep a copy"
                  + " of the file that signingKey names.");
    }
    spec.commandLine().getOut().flush();
  }
}
