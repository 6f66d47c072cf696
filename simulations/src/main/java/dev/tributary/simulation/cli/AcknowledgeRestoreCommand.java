package dev.tributary.simulation.cli;

import dev.tributary.coordinator.LostRounds;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.store.RollBack;
import dev.tributary.coordinator.store.Store;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary acknowledge-restore}. */
@Command(
    name = "acknowledge-restore",
    description =
        "Says how far the jobs of a restored store had come after its backup, which is charged to"
            + " their budgets, and lets the store be used again.",
    mixinStandardHelpOptions = true)
public final class AcknowledgeRestoreCommand implements Runnable {
  @Mixin private StoreOptions where = new StoreOptions();

  @Option(
      names = "--last-round",
      paramLabel = "JOB=N",
      description =
          "The last round of a job that may have begun anywhere; may be repeated. Round N+1 is the"
              + " next.")
  private Map<String, Integer> last = new LinkedHashMap<>();

  @Option(
      names = "--all-rounds",
      description = "Every job that --last-round does not name may have had all its rounds.")
  private boolean all;

  @Option(
      names = "--lost-job",
      paramLabel = "FILE",
      description =
          "The file of a job that was begun after the backup: it counts as run to its end, and its"
              + " name as used; may be repeated.")
  private List<Path> lostJobs = new ArrayList<>();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Stays in the audit log: how it is known.")
  private String reason = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (reason.isBlank()) {
      throw new ParameterException(spec.commandLine(), "--reason must say how it is known");
    }
    try (Store store = where.open()) {
      List<RollBack.Lost> lost = new ArrayList<>();
      Map<String, Integer> said = new LinkedHashMap<>(last);
      for (RollBack.Known known : store.rollBack().jobs()) {
        Integer stated = said.remove(known.job());
        if (known.cancelled() && stated == null) {
          continue;
        }
        Job job = LostRounds.job(known);
        if (stated == null && !all && known.last() < job.rounds()) {
          throw new ParameterException(
              spec.commandLine(),
              "Job "
                  + known.job()
                  + " had begun round "
                  + known.last()
                  + " of "
                  + job.rounds()
                  + " in the backup. Say what the last may have been: --last-round "
                  + known.job()
                  + "=N, or --all-rounds if that is not known.");
        }
        lost.add(LostRounds.of(job, stated == null ? job.rounds() : stated));
      }
      if (!said.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "The store has no job " + String.join(", ", said.keySet()) + ".");
      }
      for (Path file : lostJobs) {
        Job job = JobFile.read(file, List.of());
        lost.add(LostRounds.of(job, job.rounds()));
      }
      store.rollBack().acknowledge(TokenCommand.localUser(), reason, lost);
      PrintWriter out = spec.commandLine().getOut();
      for (RollBack.Lost job : lost) {
        out.println(
            Terminal.format("job \"%s\" counts as run up to round %d", job.job(), job.last()));
      }
      out.println("The restore is acknowledged: the store can be served again.");
      out.flush();
    }
  }
}
