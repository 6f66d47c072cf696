package dev.tributary.simulation.cli;

import dev.tributary.coordinator.Coordinator;
import dev.tributary.coordinator.store.BackupManifest;
import dev.tributary.coordinator.store.Restore;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tributary restore}. */
@Command(
    name = "restore",
    description =
        "Puts a coordinator's store back from a backup, where there is none. Nothing can be spent"
            + " from it before tributary acknowledge-restore.",
    mixinStandardHelpOptions = true)
public final class RestoreCommand implements Runnable {
  @Mixin private StoreOptions where = new StoreOptions();

  @Option(
      names = "--from",
      paramLabel = "DIR",
      required = true,
      description = "What tributary backup wrote.")
  private Path from = Path.of("backup");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    StoreOptions.Place place = where.place();
    BackupManifest read =
        Restore.read(from, place.folder(), place.database(), TokenCommand.localUser());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        Terminal.format(
            "store %s: as it was at %s; every token of people is revoked",
            place.folder(), read.made()));
    if (read.keys().isEmpty()) {
      out.println(
          "The backup has no keys: put coordinator-key.pem, tls-certificate.pem, tls-key.pem and"
              + " revocations there before you start a coordinator, or no client comes back.");
    }
    if (!read.keys().isEmpty() && !read.hasKey(Coordinator.KEY_FILE)) {
      out.println(
          "The signing key was kept elsewhere (signingKey), and is not in the backup: put the same"
              + " file back where coordinator.yaml names it before you start a coordinator, or no"
              + " client comes back.");
    }
    out.println(
        "What was spent after that is not in its ledger. Say how far the jobs had come: tributary"
            + " acknowledge-restore.");
    out.flush();
  }
}
