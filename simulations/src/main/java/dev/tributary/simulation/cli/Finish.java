package dev.tributary.simulation.cli;

import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.simulation.data.PartitionMix;
import dev.tributary.simulation.report.RunDirectory;
import dev.tributary.simulation.report.RunRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The end of every run: files, the result for programs, the table. */
record Finish(
    RunDirectory directory,
    Optional<PartitionMix> partition,
    @Nullable Path json,
    Terminal terminal) {
  void write(RunRecord run, ModelFile model, LedgerHistory ledger, double seconds, String next)
      throws IOException {
    directory.write(run, model, partition);
    Optional<String> sees =
        run.privacy()
            .filter(privacy -> !privacy.boundsCoordinator())
            .map(RunRecord.Privacy::coordinatorSees);
    directory.text(LedgerDocument.FILE, LedgerDocument.of(ledger, sees).toJson());
    if (json != null) {
      ResultJson.write(json, run, seconds);
    }
    List<String> files =
        List.of("report", directory.report().toString(), "model", directory.model().toString());
    terminal.print("\n" + Results.after(run, seconds, files) + next);
  }
}
