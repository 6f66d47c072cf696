package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.Scratch;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
      description = "Rounds that are measured. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "Rounds before these, in which the JVM still compiles. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

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

  @Option(
      names = "--pfl",
      paramLabel = "PYTHON",
      description =
          "A Python with pfl (pfl-research) and PyTorch; its simulator runs the same rounds in the"
              + " same run.")
  private @Nullable String pfl;

  @Option(
      names = "--flower",
      paramLabel = "PYTHON",
      description = "A Python with flwr[simulation] and PyTorch, likewise.")
  private @Nullable String flower;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (users.stream().anyMatch(each -> each < Math.max(2, cohort) || each > MOST_CLIENTS)
        || threads.stream().anyMatch(each -> each < 1)
        || points < 1
        || cohort < (full ? 3 : 1)
        || rounds < 1
        || warmUp < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--points, --rounds, --warm-up and --threads must be 1 or more, --cohort 1 or more, 3 with --full,"
              + " and --users at least --cohort, and 2.");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "JDK %s, %s, batches of 10, one local epoch, engine java%n",
        Runtime.version(), full ? "the full protocol" : "plain sums");
    try (@Nullable PythonPeer ofApple =
            pfl == null ? null : PythonPeer.start(pfl, "rounds_pfl.py", "pfl", "--pfl");
        @Nullable PythonPeer ofFlower =
            flower == null
                ? null
                : PythonPeer.start(flower, "rounds_flower.py", "Flower", "--flower")) {
      List<PythonPeer> peers = Stream.of(ofApple, ofFlower).filter(Objects::nonNull).toList();
      peers.forEach(each -> out.println(each.version()));
      out.printf("%n%s%n", SimulationBench.HEAD);
      for (SimulationBench.Shape model : models) {
        for (int clients : users) {
          rows(
              new SimulationBench(model, clients, points, cohort, warmUp, rounds, full),
              peers,
              out);
        }
      }
    }
    return 0;
  }

  private void rows(SimulationBench bench, List<PythonPeer> peers, PrintWriter out)
      throws IOException, InterruptedException {
    double own = Double.POSITIVE_INFINITY;
    for (int each : threads) {
      try (Scratch scratch = Scratch.create()) {
        SimulationBench.Figures figures = bench.run(scratch.folder(), each);
        own = Math.min(own, figures.took().beside());
        out.println(bench.row("Tributary", each, figures.took(), figures.heap()));
        out.flush();
      }
    }
    for (PythonPeer peer : peers) {
      SimulationBench.Took took = bench.run(peer);
      out.println(
          bench.row(
              String.format(Locale.ROOT, "%s, %.1f times", peer.name(), took.beside() / own),
              1,
              took,
              -1));
      out.flush();
    }
  }
}
