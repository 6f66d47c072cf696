package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.RollBack;
import dev.tributary.secagg.Sa1;
import java.util.ArrayList;
import java.util.List;

/** What a job may have spent after a backup, from its job file. */
public final class LostRounds {
  private static final String OVERRIDE = "# --set ";

  private LostRounds() {}

  /**
   * A job that may have come so far.
   *
   * @param last number of the last round that may have begun
   */
  public static RollBack.Lost of(Job job, int last) {
    Planner planner = new Planner(job, Sa1.of(job.secureAggregation().suite()).id());
    return new RollBack.Lost(
        job.name(),
        last,
        Planner.sampling(job).event(planner.event()),
        job.cohort().participations(),
        job.privacy().correlated(),
        Planner.budget(job),
        Planner.populationBudget(job));
  }

  /** The job of a text that a store keeps: a job file, with what was laid over it below. */
  public static Job job(RollBack.Known known) {
    List<String> overrides = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (String line : known.source().split("\n", -1)) {
      if (line.startsWith(OVERRIDE)) {
        overrides.add(line.substring(OVERRIDE.length()));
      } else {
        text.append(line).append('\n');
      }
    }
    return JobFile.parse(known.job() + ".yaml", text.toString(), overrides);
  }
}
