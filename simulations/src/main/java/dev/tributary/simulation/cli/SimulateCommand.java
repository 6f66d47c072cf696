package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.JobFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
      "  tributary simulate examples/fashion-private.yaml --faults 0.1 --json result.json"
    })
public final class SimulateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JOB", description = "A job file (docs/job-file.md).")
  private Path job = Path.of("job.yaml");

  @Option(
      names = "--fast",
      description =
          "Add up without masks: the same models bit for bit (engine java), in a fraction of the time.")
  private boolean fast;

  @Mixin private RunOptions options = new RunOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    new SimulationRun(JobFile.read(job, options.overrides()), fast, options, terminal).run("");
    return 0;
  }
}
