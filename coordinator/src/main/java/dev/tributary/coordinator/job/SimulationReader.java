package dev.tributary.coordinator.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what only a simulation needs; a live coordinator reads it too, so that it stays right. */
final class SimulationReader {
  private static final List<String> PHASES =
      List.of("advertise", "share", "input", "sign", "unmask");

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
    Job.Faults read =
        new Job.Faults(
            faults.number("dropout", 0.0, Rule.from(0, 1)),
            faults.words("phases", PHASES, PHASES),
            faults.number("coordinatorCrashes", 0.0, Rule.from(0, 0.5)));
    faults.end();
    s.end();
    return new Job.Simulation(seed, source, partition, split, read);
  }
}
