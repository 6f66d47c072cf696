package dev.tributary.coordinator.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what only a simulation needs; a live coordinator reads it too, so that it stays right. */
final class SimulationReader {
  private static final List<String> PHASES =
      List.of("advertise", "share", "input", "sign", "unmask");

  /** Where a lie says what an honest client could not. */
  private static final List<String> LIES = List.of("advertise", "input", "unmask");

  private static final Map<String, Job.FaultKind> KINDS =
      Arrays.stream(Job.FaultKind.values())
          .collect(Collectors.toMap(Job.FaultKind::word, kind -> kind));

  /** The messages of a round: the client's, then the coordinator's. */
  private static final Map<String, String> MOMENTS =
      Stream.concat(
              PHASES.stream(),
              Stream.of("offer", "roster", "shares", "survivors", "proof", "result"))
          .collect(Collectors.toMap(word -> word, word -> word, (a, b) -> a, TreeMap::new));

  private final Section job;
  private final Path base;

  /**
   * @param base the folder that relative paths start from
   */
  SimulationReader(Section job, Path base) {
    this.job = job;
    this.base = base;
  }

  Job.@Nullable Simulation read() {
    Section s = job.section("simulation", false);
    if (!job.has("simulation")) {
      return null;
    }
    long seed = s.seed("seed", 1);
    Section data = s.section("data", true);
    Job.Data source = new DataReader(data, base).read();
    Job.Partition partition = PartitionReader.read(data, source);
    Job.Split split =
        data.oneOf(
            "split",
            Map.of("pooled", Job.Split.POOLED, "perClient", Job.Split.PER_CLIENT),
            Job.Split.POOLED);
    if (source instanceof Job.Data.Table table
        && table.standardise() == Job.Standardise.PER_CLIENT
        && (split != Job.Split.PER_CLIENT || table.test() != null)) {
      data.problem(
          "job-wrong-type",
          "split",
          "keeps evaluation rows that are no client's, so that standardise: perClient has no"
              + " statistics for them",
          "Write split: perClient and no test file, or standardise: pooled.");
    }
    data.end();
    Section faults = s.section("faults", false);
    long drawn = faults.seed("seed", 0);
    Job.Faults read =
        new Job.Faults(
            faults.number("dropout", 0.0, Rule.from(0, 1)),
            faults.words("phases", PHASES, PHASES),
            faults.number("coordinatorCrashes", 0.0, Rule.from(0, 0.5)),
            faults.has("seed") ? Long.valueOf(drawn) : null,
            script(faults));
    faults.end();
    AvailabilityReader clients = new AvailabilityReader(s, base);
    Job.Availability availability = clients.availability();
    Job.TrainingSeconds training = clients.trainingSeconds();
    s.end();
    return new Job.Simulation(seed, source, partition, split, read, availability, training);
  }

  private static List<Job.Fault> script(Section faults) {
    List<Job.Fault> script = new ArrayList<>();
    for (Section item : faults.sections("script")) {
      Job.FaultKind kind = item.oneOf("fault", KINDS, null);
      int round = item.integer("round", null, 1, 1_000_000);
      int client = item.integer("client", null, 0, 100_000_000);
      String at = item.oneOf("at", MOMENTS, "input");
      double seconds = item.number("seconds", 5.0, Rule.between(0, 1e6));
      List<String> possible = possible(kind);
      if (item.has("fault") && !possible.contains(at)) {
        item.problem(
            "job-out-of-range",
            "at",
            "is no moment of the fault " + kind.word(),
            "Write one of " + String.join(", ", possible) + ".");
      }
      item.end();
      script.add(new Job.Fault(kind, round, client, at, seconds));
    }
    return script;
  }

  /** The moments that a fault can have. */
  private static List<String> possible(Job.FaultKind kind) {
    return switch (kind) {
      case DROP -> PHASES;
      case LIE -> LIES;
      default -> List.copyOf(MOMENTS.keySet());
    };
  }
}
