package dev.tributary.simulation.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that runs a job. */
final class RunOptions {
  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Lay a value over the job file, as in --set rounds=40. May be repeated.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the simulation; the same seed gives the same files.")
  private @Nullable Long seed;

  @Option(names = "--rounds", paramLabel = "N", description = "Short for --set rounds=N.")
  private @Nullable Integer rounds;

  @Option(
      names = "--faults",
      paramLabel = "SHARE|seed=N",
      description =
          "Part of the clients that drop out in each round, as in --faults 0.1; or seed=42, which draws a"
              + " script of faults (docs/job-file.md).")
  private @Nullable String faults;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for report, model and table. Default: build/runs/NAME.")
  private @Nullable Path out;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result for programs (docs/result-json.md).")
  private @Nullable Path json;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to use; the result does not depend on it. Default: all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /** What is laid over the job file, in the order of generality. */
  List<String> overrides() {
    List<String> overrides = new ArrayList<>(set);
    if (rounds != null) {
      overrides.add("rounds=" + rounds);
    }
    if (seed != null) {
      overrides.add("simulation.seed=" + seed);
    }
    if (faults != null) {
      overrides.add(
          "simulation.faults." + (faults.startsWith("seed=") ? faults : "dropout=" + faults));
    }
    return overrides;
  }

  Path out(String name) {
    return out == null ? Path.of("build", "runs", name) : out;
  }

  @Nullable Path json() {
    return json;
  }

  int threads() {
    if (threads < 1) {
      throw new CommandException(
          ErrorCode.USAGE, "--threads must be 1 or more. Provided: " + threads);
    }
    return threads;
  }
}
