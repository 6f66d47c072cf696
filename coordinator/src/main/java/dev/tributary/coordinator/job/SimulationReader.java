package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what only a simulation needs; a live coordinator reads it too, so that it stays right. */
final class SimulationReader {
  private static final List<String> PHASES =
      List.of("advertise", "share", "input", "sign", "unmask");
  private static final int MAXIMUM_CLIENTS = 100_000_000;
  private static final double HOLD_OUT = 0.2;
  private static final Rule CONCENTRATION = Rule.between(1e-3, 1e6).orElse(1);

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
    Job.Data source = data(data);
    Job.Partition partition = partition(data);
    data.end();
    Section faults = s.section("faults", false);
    Job.Faults read =
        new Job.Faults(
            faults.number("dropout", 0.0, Rule.from(0, 1)),
            faults.words("phases", PHASES, PHASES),
            faults.number("coordinatorCrashes", 0.0, Rule.from(0, 0.5)));
    faults.end();
    s.end();
    return new Job.Simulation(seed, source, partition, read);
  }

  private Job.Data data(Section data) {
    int given =
        (data.has("source") ? 1 : 0) + (data.has("idx") ? 1 : 0) + (data.has("csv") ? 1 : 0);
    Section idx = data.section("idx", false);
    Section csv = data.section("csv", false);
    String source = data.text("source", "fashion-mnist-12k");
    if (given != 1) {
      data.problem(
          "job-wrong-type",
          data.has("source") ? "source" : "",
          "names " + given + " sources of data",
          "Give exactly one of source, idx and csv.");
    }
    if (data.has("idx")) {
      return idx(idx);
    }
    return data.has("csv") ? csv(csv) : new Job.Data.Source(source);
  }

  private Job.Data idx(Section s) {
    Path testImages = path(s, "testImages", false);
    Path testLabels = path(s, "testLabels", false);
    if ((testImages == null) != (testLabels == null)) {
      s.problem(
          "job-missing-key",
          testImages == null ? "testImages" : "testLabels",
          "is missing",
          "Test images and test labels come together.");
    }
    Job.Data data =
        new Job.Data.Idx(
            required(s, "images"), required(s, "labels"), testImages, testLabels, holdOut(s));
    s.end();
    return data;
  }

  private Job.Data csv(Section s) {
    Job.Data data =
        new Job.Data.Csv(
            required(s, "file"),
            s.text("label", null),
            s.flag("standardise", true),
            path(s, "test", false),
            holdOut(s));
    s.end();
    return data;
  }

  private static double holdOut(Section s) {
    return s.number("holdOut", HOLD_OUT, Rule.inside(0, 1));
  }

  private static Job.Partition partition(Section data) {
    Choice choice = data.choice("partition", true, "iid", "dirichlet", "shards", "byColumn");
    if (choice == null) {
      return new Job.Partition.Iid(2);
    }
    Section s = choice.section();
    Job.Partition partition = partition(choice.name(), s);
    s.end();
    return partition;
  }

  private static Job.Partition partition(String name, Section s) {
    if (name.equals("byColumn")) {
      return new Job.Partition.ByColumn(s.text("column", null));
    }
    int clients = s.integer("clients", null, 2, MAXIMUM_CLIENTS);
    if (name.equals("dirichlet")) {
      return new Job.Partition.Dirichlet(clients, s.number("alpha", null, CONCENTRATION));
    }
    if (name.equals("shards")) {
      return new Job.Partition.Shards(clients, s.integer("perClient", 2, 1, 1_000_000));
    }
    return new Job.Partition.Iid(clients);
  }

  private Path required(Section s, String key) {
    Path path = path(s, key, true);
    return path == null ? base : path;
  }

  private @Nullable Path path(Section s, String key, boolean required) {
    String text = s.text(key, required ? null : "");
    try {
      return text.isEmpty() ? null : base.resolve(text);
    } catch (InvalidPathException e) {
      s.problem("job-wrong-type", key, "is not a path: " + e.getReason(), "Write a file's path.");
      return null;
    }
  }
}
