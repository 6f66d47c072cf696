package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.Explorer;
import dev.tributary.simulation.FaultScript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary explore}. */
@Command(
    name = "explore",
    description =
        "Run a job under many scripts of faults, one for each seed, and check its invariants after every"
            + " step. The first script that breaks one is shrunk and written as a job file.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary explore --seeds 1000",
      "  tributary explore examples/digits.yaml --seeds 100 --set rounds=3",
      "  tributary simulate build/explore/explore-17.yaml"
    })
public final class ExploreCommand implements Callable<Integer> {
  private static final int BAR = 24;

  @Parameters(
      arity = "0..1",
      paramLabel = "JOB",
      description = "A job file (docs/job-file.md). Default: a small one, of 20 clients.")
  private @Nullable Path job;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many scripts (${DEFAULT-VALUE}).")
  private long seeds;

  @Option(
      names = "--from",
      paramLabel = "SEED",
      defaultValue = "0",
      description = "The first seed (${DEFAULT-VALUE}).")
  private long from;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Lay a value over the job file, as in --set rounds=3. May be repeated.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Where to write the job with the script that failed. Default: build/explore/NAME-SEED.yaml.")
  private @Nullable Path out;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Seeds at a time. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seeds < 1 || from < 0) {
      throw new CommandException(
          ErrorCode.USAGE,
          Terminal.format(
              "--seeds must be 1 or more and --from 0 or more. Provided: %d and %d", seeds, from));
    }
    if (threads < 1) {
      throw new CommandException(
          ErrorCode.USAGE, "--threads must be 1 or more. Provided: " + threads);
    }
    Path file = job;
    String text = file == null ? small() : "";
    Job read = file == null ? JobFile.parse("explore.yaml", text, set) : JobFile.read(file, set);
    text = file == null ? text : Files.readString(file);
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    long started = System.currentTimeMillis();
    try (Scratch scratch = Scratch.create()) {
      Explorer explorer = new Explorer(read, scratch.folder());
      terminal.print(
          Terminal.format(
              "Job %s: %d rounds of %d out of %d clients under the scripts of seeds %d to %d.%n",
              read.name(),
              read.rounds(),
              read.cohort().size(),
              explorer.clients(),
              from,
              from + seeds - 1));
      try (Interruption interruption = Interruption.calls(reason -> explorer.stop())) {
        Explorer.Tally[] last = {new Explorer.Tally(0, 0, 0, 0, 0)};
        Optional<Explorer.Failure> failure =
            explorer.explore(
                from,
                from + seeds,
                threads,
                tally -> {
                  last[0] = tally;
                  progress(terminal, tally, started);
                });
        terminal.endProgress();
        terminal.print(summary(last[0], started));
        if (failure.isPresent()) {
          throw failed(read, text, failure.get(), terminal);
        }
        if (interruption.requested()) {
          throw new CommandException(
              ErrorCode.INTERRUPTED, "interrupted; no invariant was broken until then");
        }
      }
    }
    return 0;
  }

  private static String small() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Explorer.class.getResourceAsStream("explore.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void progress(Terminal terminal, Explorer.Tally tally, long started) {
    long now = System.currentTimeMillis();
    long done = tally.seeds();
    terminal.progress(
        Terminal.format(
            "  seed %,d/%,d  %s  %,d faults  %,d rounds with a model  %,d without  about %.0f s left",
            done,
            seeds,
            terminal.bar((double) done / seeds, BAR),
            tally.faults(),
            tally.committed(),
            tally.aborted(),
            (now - started) / 1e3 / done * (seeds - done)),
        now,
        done == seeds);
  }

  private static String summary(Explorer.Tally tally, long started) {
    return Terminal.format(
        "%,d seeds in %.0f s: %,d faults came true, %,d of them deaths of the coordinator; %,d rounds gave a"
            + " model, %,d were given up.%nEvery %dth seed was played twice.%n",
        tally.seeds(),
        (System.currentTimeMillis() - started) / 1e3,
        tally.faults(),
        tally.deaths(),
        tally.committed(),
        tally.aborted(),
        Explorer.REPLAYED);
  }

  private CommandException failed(
      Job read, String text, Explorer.Failure failure, Terminal terminal) throws IOException {
    Path file =
        out == null
            ? Path.of("build", "explore", read.name() + "-" + failure.seed() + ".yaml")
            : out;
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    List<String> overrides = new ArrayList<>(set);
    overrides.add("simulation.faults.script=" + FaultScript.yaml(failure.shortest()));
    Files.writeString(file, JobFile.laidOver("job", text, overrides));
    StringBuilder lines = new StringBuilder();
    lines.append(
        Terminal.format(
            "Seed %d breaks an invariant. Of its %d faults %d are needed (%d runs):%n",
            failure.seed(), failure.script().size(), failure.shortest().size(), failure.trials()));
    for (Fault fault : failure.shortest()) {
      lines.append("  ").append(FaultScript.yaml(fault)).append('\n');
    }
    terminal.print(lines.toString());
    return new CommandException(
        ErrorCode.INVARIANT_BROKEN,
        failure.broken() + ". To see it again: tributary simulate " + file);
  }
}
