package dev.tributary.coordinator.job;

import dev.tributary.coordinator.job.Section.Choice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads when simulated clients are there, and how long they train. */
final class AvailabilityReader {
  private static final Rule SECONDS = new Rule(0, false, 1e6, true, 1);
  private static final Rule HOURS = new Rule(0, false, 24, true, 24);

  private final Section simulation;
  private final Path base;

  /**
   * @param base the folder that relative paths start from
   */
  AvailabilityReader(Section simulation, Path base) {
    this.simulation = simulation;
    this.base = base;
  }

  Job.Availability availability() {
    Choice choice = simulation.choice("availability", false, "always", "random", "daily", "trace");
    if (choice == null) {
      return new Job.Availability.Always();
    }
    Section s = choice.section();
    Job.Availability read =
        switch (choice.name()) {
          case "random" ->
              new Job.Availability.Random(s.number("share", null, new Rule(0, false, 1, true, 1)));
          case "daily" ->
              new Job.Availability.Daily(
                  s.number("hours", null, HOURS),
                  s.number("spread", 24.0, Rule.between(0, 24)),
                  every(s));
          case "trace" -> new Job.Availability.Trace(file(s), every(s));
          default -> new Job.Availability.Always();
        };
    s.end();
    return read;
  }

  Job.@Nullable TrainingSeconds trainingSeconds() {
    Choice choice = simulation.choice("trainingSeconds", false, "constant", "uniform", "lognormal");
    if (choice == null) {
      return null;
    }
    Section s = choice.section();
    Job.TrainingSeconds read =
        switch (choice.name()) {
          case "uniform" -> uniform(s);
          case "lognormal" ->
              new Job.TrainingSeconds.Lognormal(
                  s.number("median", null, SECONDS), s.number("sigma", null, Rule.between(0, 10)));
          default -> new Job.TrainingSeconds.Constant(s.number("seconds", null, SECONDS));
        };
    s.end();
    return read;
  }

  private static Job.TrainingSeconds uniform(Section s) {
    double from = s.number("from", null, SECONDS);
    double to = s.number("to", null, SECONDS);
    if (s.has("from") && s.has("to") && from > to) {
      s.problem("job-out-of-range", "from", "is more than to", "Write the smaller number first.");
    }
    return new Job.TrainingSeconds.Uniform(from, to);
  }

  private static @Nullable Duration every(Section s) {
    Duration every = s.duration("every", Duration.ZERO);
    if (!s.has("every")) {
      return null;
    }
    if (every.compareTo(Duration.ofSeconds(1)) < 0) {
      s.problem("job-out-of-range", "every", "is less than a second", "Write 10m.");
    }
    return every;
  }

  private Path file(Section s) {
    try {
      return base.resolve(s.text("file", null));
    } catch (InvalidPathException e) {
      s.problem(
          "job-wrong-type", "file", "is not a path: " + e.getReason(), "Write a file's path.");
      return base;
    }
  }
}
