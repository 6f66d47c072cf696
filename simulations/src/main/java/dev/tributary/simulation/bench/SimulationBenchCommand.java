package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.Scratch;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary bench simulation}. */
@Command(
    name = "simulation",
    description =
        "Clients that a simulation trains in a second, and what each costs beside its own steps of"
            + " SGD.",
    mixinStandardHelpOptions = true)
public final class SimulationBenchCommand implements Callable<Integer> {
  private static final int MOST_CLIENTS = 100_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--users",
      paramLabel = "N",
      split = ",",
      defaultValue = "1000",
      description = "Clients there are; several with commas. Default: ${DEFAULT-VALUE}.")
  private List<Integer> users = new ArrayList<>();

  @Option(
      names = "--points",
      paramLabel = "N",
      defaultValue = "50",
      description = "Rows of each. Default: ${DEFAULT-VALUE}.")
  private int points;

  @Option(
      names = "--cohort",
      paramLabel = "N",
      defaultValue = "50",
      description = "Clients of a round. Default: ${DEFAULT-VALUE}.")
  private int cohort;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "40",
      description = "Rounds that are measured; ten more to warm up. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,2",
      description = "Threads to use; several with commas. Default: ${DEFAULT-VALUE}.")
  private List<Integer> threads = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "cnn",
      description =
          "cnn: two convolutions of 32 and 64 filters, 34,826 parameters; softmax: 7,850. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<SimulationBench.Shape> models = new ArrayList<>();

  @Option(names = "--full", description = "With every key and mask, as clients are deployed.")
  private boolean full;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (users.stream().anyMatch(each -> each < Math.max(2, cohort) || each > MOST_CLIENTS)
        || threads.stream().anyMatch(each -> each < 1)
        || points < 1
        || cohort < (full ? 3 : 1)
        || rounds < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--points, --rounds and --threads must be 1 or more, --cohort 1 or more, 3 with --full,"
              + " and --users at least --cohort, and 2.");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "JDK %s, %s, batches of 10, one local epoch, engine java%n%n%s%n",
        Runtime.version(), full ? "the full protocol" : "plain sums", SimulationBench.HEAD);
    for (SimulationBench.Shape model : models) {
      for (int clients : users) {
        for (int each : threads) {
          SimulationBench bench = new SimulationBench(model, clients, points, cohort, rounds, full);
          try (Scratch scratch = Scratch.create()) {
            out.println(bench.row(scratch.folder(), each));
            out.flush();
          }
        }
      }
    }
    return 0;
  }
}
