package dev.tributary.simulation.bench;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary bench}. */
@Command(
    name = "bench",
    description = "Measure speed, beside a peer in the same run.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SecureAggBenchCommand.class,
      CoordinatorBenchCommand.class,
      SimulationBenchCommand.class
    })
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /**
   * {@code tributary bench training}: all engines and the peer take turns, and of each the fastest
   * round counts, the one that was disturbed least.
   */
  @Command(
      name = "training",
      description =
          "Microseconds of processor time of a training step on one thread, for each engine and for"
              + " PyTorch.",
      mixinStandardHelpOptions = true)
  int training(
      @Option(
              names = "--python",
              paramLabel = "PATH",
              description = "A Python that has torch; without it only the engines are measured.")
          @Nullable String python,
      @Option(
              names = "--case",
              paramLabel = "NAME",
              split = ",",
              description =
                  "mlp-32, mlp-256, logistic-32, cnn-32, wide-32, leaf-32, lstm-32, transformer-16."
                      + " Default: all.")
          @Nullable List<String> names,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              defaultValue = "9",
              description = "Turns of each; two more to warm up. Default: 9.")
          int rounds,
      @Option(
              names = "--seconds",
              paramLabel = "SECONDS",
              defaultValue = "0.3",
              description = "Length of a turn. Default: 0.3.")
          double seconds,
      @Option(
              names = "--details",
              description =
                  "Also clipping by example, its noise, two clients at once, the first step and"
                      + " allocations.")
          boolean details)
      throws IOException {
    List<TrainingCase> cases = cases(names);
    if (rounds < 1 || !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--rounds must be at least 1, and --seconds above 0");
    }
    List<Engine> engines = Engines.available().stream().map(Engines::byName).toList();
    PrintWriter out = spec.commandLine().getOut();
    try (PyTorch peer = python == null ? null : PyTorch.start(python)) {
      out.println("JDK " + Runtime.version() + (peer == null ? "" : ", " + peer.version()));
      List<String> heads = new ArrayList<>(List.of("step, microseconds"));
      engines.forEach(engine -> heads.add(engine.name()));
      heads.addAll(peer == null ? List.of() : List.of("PyTorch", "PyTorch / best engine"));
      head(out, heads);
      for (TrainingCase each : cases) {
        out.println(row(each, engines, peer, rounds, seconds));
        out.flush();
      }
    }
    if (details) {
      out.println();
      head(out, StepDetails.heads());
      for (TrainingCase each : cases) {
        out.println(new StepDetails(each).row(rounds, seconds));
        out.flush();
      }
    }
    return 0;
  }

  private static void head(PrintWriter out, List<String> heads) {
    out.println("| " + String.join(" | ", heads) + " |");
    out.println("|" + "---|".repeat(heads.size()));
  }

  /** {@code tributary bench privacy}. */
  @Command(
      name = "privacy",
      description =
          "Noise against SecureRandom.nextGaussian, encoding against its noise, and the ledger"
              + " after 10,000 rounds; one thread.",
      mixinStandardHelpOptions = true)
  int privacy(
      @Option(
              names = "--length",
              paramLabel = "N",
              defaultValue = "1000000",
              description = "Floats of the update. Default: ${DEFAULT-VALUE}.")
          int length,
      @Option(
              names = "--turns",
              paramLabel = "N",
              defaultValue = "60",
              description = "Turns, of which the fastest counts. Default: ${DEFAULT-VALUE}.")
          int turns,
      @Option(
              names = "--python",
              paramLabel = "PATH",
              description =
                  "A Python that has dp-accounting, which is then measured too, and NumPy.")
          @Nullable String python)
      throws IOException {
    if (length < 1 || length > 1 << 24 || turns < 1) {
      throw new ParameterException(
          spec.commandLine(), "--length must be 1 to 2^24 and --turns 1 or more.");
    }
    PrintWriter out = spec.commandLine().getOut();
    new PrivacyBench(length, turns).lines().forEach(out::println);
    out.flush();
    if (python != null) {
      try (AccountingBench peer = AccountingBench.start(python, turns)) {
        peer.lines().forEach(out::println);
        out.flush();
      }
    }
    return 0;
  }

  private List<TrainingCase> cases(@Nullable List<String> names) {
    if (names == null) {
      return TrainingCase.ALL;
    }
    List<String> known = TrainingCase.ALL.stream().map(TrainingCase::name).toList();
    if (!known.containsAll(names)) {
      throw new ParameterException(
          spec.commandLine(), "--case: there are " + String.join(", ", known));
    }
    return TrainingCase.ALL.stream().filter(each -> names.contains(each.name())).toList();
  }

  private static String row(
      TrainingCase each, List<Engine> engines, @Nullable PyTorch peer, int rounds, double seconds)
      throws IOException {
    double[] fastest = new double[engines.size() + 1];
    Arrays.fill(fastest, Double.POSITIVE_INFINITY);
    Dataset data = each.data();
    for (int round = -2; round < rounds; round++) {
      for (int e = 0; e <= engines.size(); e++) {
        double time =
            e < engines.size()
                ? each.microseconds(engines.get(e), data, seconds, CpuTime::nanos)
                : peer == null ? Double.POSITIVE_INFINITY : peer.microseconds(each.name(), seconds);
        fastest[e] = round < 0 ? fastest[e] : Math.min(fastest[e], time);
      }
    }
    StringBuilder row = new StringBuilder("| " + each.words() + " |");
    double best = Double.POSITIVE_INFINITY;
    for (int e = 0; e < engines.size(); e++) {
      best = Math.min(best, fastest[e]);
      row.append(String.format(Locale.ROOT, " %.1f |", fastest[e]));
    }
    if (peer != null) {
      double torch = fastest[engines.size()];
      row.append(String.format(Locale.ROOT, " %.1f | %.2f |", torch, torch / best));
    }
    return row.toString();
  }
}
