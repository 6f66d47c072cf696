package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.CommandException;
import dev.tributary.simulation.cli.ErrorCode;
import dev.tributary.simulation.cli.Interruption;
import dev.tributary.simulation.cli.Scratch;
import dev.tributary.simulation.cli.Terminal;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary bench secure-agg}. */
@Command(
    name = "secure-agg",
    description =
        "Masks against raw AES-256-CTR; whole rounds of the masked sum, beside the floor of their"
            + " operations; the coordinator's heap.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  tributary bench secure-agg",
      "  tributary bench secure-agg --clients 100 --length 100000 --dropout 10 --rounds 5",
      "  tributary bench secure-agg --clients 100,1000 --length 1000000 --dropout 0 --heap --json"
    })
final class SecureAggBenchCommand implements Callable<Integer> {
  private static final int MOST_CLIENTS = 1024;
  private static final int MOST_DROPOUT = 30;
  private static final List<Integer> ALL_CLIENTS = List.of(16, 100, 1000);
  private static final List<Integer> ALL_LENGTHS = List.of(10_000, 100_000, 1_000_000);
  private static final List<Integer> ALL_DROPOUTS = List.of(0, 10, 30);

  @Option(
      names = "--clients",
      paramLabel = "N",
      split = ",",
      defaultValue = "16",
      description = "Cohorts to run rounds of, 4 to 1024. Default: ${DEFAULT-VALUE}.")
  private List<Integer> clients = List.of();

  @Option(
      names = "--length",
      paramLabel = "D",
      split = ",",
      defaultValue = "10000",
      description = "Elements of 32 bits in a vector. Default: ${DEFAULT-VALUE}.")
  private List<Integer> lengths = List.of();

  @Option(
      names = "--dropout",
      paramLabel = "PERCENT",
      split = ",",
      defaultValue = "0,10",
      description =
          "Clients that share keys and send no input, 0 to 30 %%. Default: ${DEFAULT-VALUE}.")
  private List<Integer> dropouts = List.of();

  @Option(
      names = "--full",
      description =
          "Clients 16,100,1000, length 10000,100000,1000000, dropout 0,10,30: an hour or more, and"
              + " 4 GB of disk.")
  private boolean full;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description =
          "Rounds of each; the one with the least processor time counts, and the fastest unmasking."
              + " Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--turns",
      defaultValue = "15",
      description =
          "Turns of each operation measured alone; the fastest counts. Default: ${DEFAULT-VALUE}.")
  private int turns;

  @Option(
      names = "--mask-length",
      paramLabel = "D",
      defaultValue = "1000000",
      description = "Elements of the mask measured alone. Default: ${DEFAULT-VALUE}.")
  private int maskLength;

  @Option(
      names = "--threads",
      description = "Clients and jobs that work at a time. Default: the processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--heap",
      description =
          "Also play a round of the fewest and the most clients to a coordinator alone, and say how"
              + " its heap grows.")
  private boolean heap;

  @Option(
      names = "--flower",
      paramLabel = "PYTHON",
      description =
          "A Python that has flwr: its SecAgg+ is measured too, for cohorts of up to 256.")
  private @Nullable String flower;

  @Option(names = "--json", description = "Print the figures as JSON.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (full) {
      clients = ALL_CLIENTS;
      lengths = ALL_LENGTHS;
      dropouts = ALL_DROPOUTS;
    }
    check("--clients", clients, 4, MOST_CLIENTS);
    check("--length", lengths, 1, 1 << 24);
    check("--dropout", dropouts, 0, MOST_DROPOUT);
    check("--rounds", List.of(rounds), 1, 1000);
    check("--turns", List.of(turns), 1, 10_000);
    check("--mask-length", List.of(maskLength), 1, 1 << 24);
    check("--threads", List.of(threads), 1, 1024);
    SecureAggFigures figures = new SecureAggFigures(threads);
    Terminal progress = Terminal.of(spec.commandLine().getErr(), System.getenv());
    try (Scratch scratch = Scratch.create();
        PythonPeer peer =
            flower == null
                ? null
                : PythonPeer.start(flower, "secagg_plus.py", "Flower", "--flower");
        Interruption interruption = Interruption.calls(reason -> end(peer))) {
      try {
        measure(figures, scratch.folder(), interruption, peer, progress);
      } catch (CommandException e) {
        throw interruption.requested()
            ? new CommandException(
                ErrorCode.INTERRUPTED, "interrupted; the figures until then are printed", e)
            : e;
      } finally {
        progress.endProgress();
        print(figures);
      }
    }
    return 0;
  }

  private static void end(@Nullable PythonPeer peer) {
    if (peer != null) {
      peer.close();
    }
  }

  private void measure(
      SecureAggFigures figures,
      Path folder,
      Interruption interruption,
      @Nullable PythonPeer peer,
      Terminal progress)
      throws IOException, InterruptedException {
    say(progress, "one mask of %,d elements", maskLength);
    figures.mask(MaskSpeed.measure(maskLength, turns));
    if (peer != null) {
      figures.flowerMask(peer.version(), peer.ask("mask " + maskLength, 1)[0]);
    }
    for (int length : lengths) {
      MaskSpeed mask = MaskSpeed.measure(length, turns);
      for (int n : clients) {
        for (int percent : dropouts) {
          point(figures, folder, interruption, peer, progress, mask, n, percent);
        }
      }
    }
  }

  private void point(
      SecureAggFigures figures,
      Path folder,
      Interruption interruption,
      @Nullable PythonPeer peer,
      Terminal progress,
      MaskSpeed mask,
      int n,
      int percent)
      throws IOException, InterruptedException {
    BenchCohort cohort = new BenchCohort(n, mask.length(), percent, folder);
    say(progress, "the floor of n = %,d, d = %,d, %d %% lost", n, mask.length(), percent);
    OperationFloor floor = OperationFloor.measure(cohort, mask, turns);
    Path tape = folder.resolve("tape");
    BenchRound.@Nullable Figures best = null;
    for (int round = 0; round < rounds; round++) {
      String words = "n = %,d, d = %,d, %d %% lost: round %d of %d";
      say(progress, words, n, mask.length(), percent, round + 1, rounds);
      try (DataOutputStream into = CoordinatorHeap.create(tape)) {
        BenchRound.Figures one =
            BenchRound.run(cohort, threads, CoordinatorHeap.tape(into), interruption::requested);
        best = best == null ? one : one.best(best);
      }
    }
    if (best != null) {
      figures.round(best, floor, mask);
    }
    if (heap && measuresHeap(n, mask.length(), percent)) {
      say(
          progress,
          "n = %,d, d = %,d, %d %% lost: the coordinator alone",
          n,
          mask.length(),
          percent);
      figures.heap(CoordinatorHeap.measure(cohort, tape, threads, interruption::requested));
    }
    if (peer != null && n <= 256) {
      say(progress, "n = %,d, d = %,d, %d %% lost: Flower", n, mask.length(), percent);
      double[] theirs =
          peer.ask(
              String.format(
                  "round %d %d %d %d",
                  n, cohort.parameters.threshold(), cohort.lost, mask.length()),
              2);
      figures.flowerRound(theirs[0], theirs[1]);
    }
    for (int i = 0; i < n; i++) {
      Files.deleteIfExists(cohort.upload(i));
    }
  }

  /** The fewest and the most clients, where the vectors are longest and fewest are lost. */
  private boolean measuresHeap(int n, int length, int percent) {
    return (n == Collections.min(clients) || n == Collections.max(clients))
        && length == Collections.max(lengths)
        && percent == Collections.min(dropouts);
  }

  private static void say(Terminal progress, String pattern, Object... values) {
    progress.progress(
        "  " + String.format(Locale.ROOT, pattern, values), System.currentTimeMillis(), true);
  }

  private void print(SecureAggFigures figures) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(figures.json().toPrettyString());
    } else {
      figures.lines().forEach(out::println);
    }
    out.flush();
  }

  private void check(String option, List<Integer> values, int least, int most) {
    for (int value : values) {
      if (value < least || value > most) {
        throw new ParameterException(
            spec.commandLine(),
            String.format(
                Locale.ROOT, "%s must be %,d to %,d. Provided: %,d", option, least, most, value));
      }
    }
  }
}
