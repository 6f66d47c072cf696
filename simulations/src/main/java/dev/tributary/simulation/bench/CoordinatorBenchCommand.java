package dev.tributary.simulation.bench;

import dev.tributary.simulation.cli.Scratch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary bench coordinator}. */
@Command(
    name = "coordinator",
    description =
        "A coordinator in a process of its own: clients that wait, exchanges, and uploads that are"
            + " journalled and folded, beside a bare handler.",
    mixinStandardHelpOptions = true)
public final class CoordinatorBenchCommand implements Callable<Integer> {
  private static final int MOST_CLIENTS = 20_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--waiting",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Clients that check in and wait, each on a connection of its own; 0 for none. Each takes"
              + " a file descriptor at either end. Default: ${DEFAULT-VALUE}.")
  private int waiting;

  @Option(
      names = "--uploads",
      paramLabel = "NxMB",
      split = ",",
      defaultValue = "10x40",
      description =
          "Uploads at once, and the megabytes (10^6) of each; several with commas, none for none."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> uploads = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      split = ",",
      defaultValue = "0",
      description =
          "Clients of whole rounds without training; several with commas, 0 for none. Default: 0.")
  private List<Integer> rounds = new ArrayList<>();

  @Option(
      names = "--restart",
      description =
          "Of the clients of --rounds: kills the coordinator in a round and starts another in its"
              + " place, and says how long it takes until the round goes on.")
  private boolean restart;

  @Option(
      names = "--models",
      paramLabel = "NxMB",
      split = ",",
      defaultValue = "none",
      description =
          "Clients of a round whose model has so many megabytes (10^6), which may be far more than"
              + " the heap; several with commas, none for none. Default: ${DEFAULT-VALUE}.")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "3",
      description = "Turns of coordinator and handler; the fastest counts. Default: 3.")
  private int turns;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description = "Length of a turn of exchanges. Default: 3.")
  private double seconds;

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      defaultValue = "2g",
      description = "Largest heap of the coordinator. Default: ${DEFAULT-VALUE}.")
  private String heap = "2g";

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where stores and uploads lie; a temporary folder by default.")
  private @Nullable Path folder;

  /** So many uploads at once, of so many bytes each. */
  record Uploads(int clients, long bytes) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Uploads> sizes = sizes("--uploads", uploads);
    List<Uploads> large = sizes("--models", models);
    if (waiting < 0 || waiting > MOST_CLIENTS || turns < 1 || !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(),
          "--waiting must be 0 to " + MOST_CLIENTS + ", --turns 1 or more, --seconds above 0.");
    }
    List<Integer> cohorts = rounds.stream().filter(each -> each != 0).toList();
    if (cohorts.stream().anyMatch(each -> each < 3 || each > MOST_CLIENTS)) {
      throw new ParameterException(
          spec.commandLine(), "--rounds: 3 to " + MOST_CLIENTS + " clients, or 0.");
    }
    if (restart && cohorts.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--restart is of the clients of --rounds.");
    }
    if (!heap.matches("[1-9][0-9]{0,5}[mg]")) {
      throw new ParameterException(spec.commandLine(), "--heap is a size such as 256m or 2g.");
    }
    if (folder != null) {
      measure(Files.createDirectories(folder), sizes, cohorts, large);
    } else {
      try (Scratch scratch = Scratch.create()) {
        measure(scratch.folder(), sizes, cohorts, large);
      }
    }
    return 0;
  }

  private void measure(Path base, List<Uploads> sizes, List<Integer> cohorts, List<Uploads> large)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("JDK " + Runtime.version() + ", heap of the coordinator at most " + heap);
    if (waiting > 0) {
      new WaitingBench(base, heap, waiting, seconds).lines().forEach(out::println);
      out.flush();
    }
    if (!sizes.isEmpty()) {
      out.println();
      out.println(UploadBench.HEAD);
      for (Uploads size : sizes) {
        out.println(new UploadBench(base, heap, size, turns).row());
        out.flush();
      }
    }
    if (!restart && !cohorts.isEmpty()) {
      out.println();
      out.println(RoundBench.HEAD);
      for (int cohort : cohorts) {
        out.println(new RoundBench(base, heap, cohort, turns).row());
        out.flush();
      }
    }
    if (restart) {
      out.println();
      out.println(RoundBench.RESTARTED);
      for (int cohort : cohorts) {
        out.println(new RoundBench(base, heap, cohort, turns).restart());
        out.flush();
      }
    }
    if (!large.isEmpty()) {
      out.println();
      out.println(ModelBench.HEAD);
      for (Uploads size : large) {
        out.println(new ModelBench(base, heap, size).row());
        out.flush();
      }
    }
  }

  private List<Uploads> sizes(String option, List<String> stated) {
    List<Uploads> sizes = new ArrayList<>();
    for (String each : stated) {
      if (each.equals("none")) {
        continue;
      }
      if (!each.matches("[1-9][0-9]{0,4}x[1-9][0-9]{0,3}")) {
        throw new ParameterException(spec.commandLine(), option + " is a list such as 10x40,100x4");
      }
      int x = each.indexOf('x');
      int clients = Integer.parseInt(each.substring(0, x));
      long bytes = Long.parseLong(each.substring(x + 1)) * 1_000_000;
      if (clients < 3 || clients > MOST_CLIENTS) {
        throw new ParameterException(
            spec.commandLine(), option + ": 3 to " + MOST_CLIENTS + " clients, not " + clients);
      }
      sizes.add(new Uploads(clients, bytes));
    }
    return sizes;
  }
}
