package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary simulate}. */
@Command(
    name = "simulate",
    description =
        "Run a job in virtual time with simulated clients: the deployed protocol, no network.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary simulate examples/fashion-private.yaml",
      "  tributary simulate examples/digits.yaml --fast --seed 7 --set rounds=10",
      "  tributary simulate examples/fashion-private.yaml --faults 0.1 --json result.json",
      "  tributary simulate examples/digits.yaml --backend sequential"
    })
public final class SimulateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JOB", description = "A job file (docs/job-file.md).")
  private Path job = Path.of("job.yaml");

  @Option(
      names = "--fast",
      description =
          "Add up without masks: the same models bit for bit (engine java), in a fraction of the time."
              + " Short for --backend parallel.")
  private boolean fast;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description =
          "How it runs, with the same models from all (engine java): protocol (every key and mask, the"
              + " default), parallel or sequential (plain sums, on all threads or one), live (over HTTPS on loopback, in"
              + " real time), or one from another build (spark).")
  private @Nullable String backend;

  @Mixin private RunOptions options = new RunOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    Backend chosen = chosen();
    Job read = JobFile.read(job, options.overrides());
    Path copy = options.out(read.name()).resolve("job.yaml");
    if (Files.exists(copy) && Files.isSameFile(copy, job)) {
      throw new CommandException(
          ErrorCode.OUTPUT_NOT_WRITABLE,
          copy
              + " is the job file itself, and a run writes its own job.yaml. Choose another folder with --out.");
    }
    Backend.JobText text = Backend.JobText.read(job, options.overrides());
    new SimulationRun(read, text, chosen, options, terminal).run("");
    return 0;
  }

  private Backend chosen() {
    if (fast && backend != null) {
      throw new CommandException(
          ErrorCode.USAGE, "--fast is short for --backend parallel: give one of the two");
    }
    String word = fast ? "parallel" : backend == null ? "protocol" : backend;
    return Backend.named(word)
        .orElseThrow(
            () ->
                new CommandException(
                    ErrorCode.BACKEND_UNAVAILABLE,
                    "there is no back end "
                        + word
                        + " here. There are: "
                        + Backend.all().stream()
                            .map(Backend::word)
                            .collect(Collectors.joining(", "))
                        + "."));
  }
}
