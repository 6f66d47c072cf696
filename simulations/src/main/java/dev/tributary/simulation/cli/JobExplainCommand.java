package dev.tributary.simulation.cli;

import dev.tributary.coordinator.RoundTimes;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary job explain}. */
@Command(
    name = "explain",
    description =
        "Shows every time of a job's rounds: what follows from its deadline, and the rest.",
    mixinStandardHelpOptions = true)
public final class JobExplainCommand implements Runnable {

  /**
   * A time that a client of this version keeps by itself.
   *
   * @param meaning what it is for
   */
  record ClientTime(String what, Duration time, String meaning) {}

  /** The constants of the SDK, which a test holds them to. */
  static final List<ClientTime> CLIENT =
      List.of(
          new ClientTime("poll asked", Duration.ofSeconds(25), "at most; less where lines are cut"),
          new ClientTime("poll least", Duration.ofSeconds(1), "where lines are cut at once"),
          new ClientTime("first retry", Duration.ofMillis(500), "random up to this, then doubling"),
          new ClientTime("last retry", Duration.ofMinutes(1), "random up to this"),
          new ClientTime("deadline", Duration.ofHours(1), "longer ones are refused by default"));

  @Parameters(paramLabel = "JOB", description = "The job file.")
  private Path file = Path.of("job.yaml");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Laid over the job file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    Job job = JobFile.read(file, overrides);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        Terminal.format("job %s, deadline %s", job.name(), seconds(job.deadline()).strip()));
    out.println();
    out.println("The coordinator (* follows from the deadline):");
    for (RoundTimes time : RoundTimes.of(job)) {
      line(out, time.fromDeadline() ? "*" : " ", time.what(), time.time(), time.meaning());
    }
    out.println();
    out.println("A client, by itself:");
    for (ClientTime time : CLIENT) {
      line(out, " ", time.what(), time.time(), time.meaning());
    }
    Job.Simulation simulation = job.simulation();
    if (simulation != null) {
      simulation(out, simulation);
    }
    out.flush();
  }

  /** What stands between the job and its first round, where it is simulated. */
  private static void simulation(PrintWriter out, Job.Simulation simulation) {
    List<String> lines = new ArrayList<>();
    if (simulation.data() instanceof Job.Data.Table table
        && table.standardise() == Job.Standardise.FEDERATED) {
      lines.add("one round of all clients comes before the first, for standardise: federated");
    }
    for (Path each : simulation.files()) {
      if (!Files.isReadable(each)) {
        lines.add(
            "its file %s is not there, and simulate would stop at it (docs/errors.md#data-missing)"
                .formatted(each));
      }
    }
    if (!lines.isEmpty()) {
      out.println();
      out.println("Simulated:");
      lines.forEach(line -> out.println("  " + line));
    }
  }

  private static void line(
      PrintWriter out, String mark, String what, Duration time, String meaning) {
    out.println(Terminal.format("%s %-22s %s  %s", mark, what, seconds(time), meaning));
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%12.3f s", time.toMillis() / 1e3);
  }
}
