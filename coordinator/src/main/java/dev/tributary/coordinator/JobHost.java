package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.secagg.SumSuite;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Says how submitted jobs are run, and hears of them. */
public interface JobHost {
  /**
   * How a job is run.
   *
   * @param population clients that are awaited before it starts
   * @param evaluator measures released models; null where nothing is to be measured
   */
  record Terms(
      int population, SumSuite suite, @Nullable Evaluator evaluator, RoundListener listener) {}

  /**
   * How this job is run here. May be asked more than once, on any thread.
   *
   * @throws RuntimeException saying why it cannot be run here
   */
  Terms terms(Job job);

  /** A job is taken up; called on the loop. */
  default void takenUp(Job job, CompletableFuture<JobResult> done) {}

  /** A job of the store is not taken up, since it cannot be run as things are. */
  default void rests(String name, String why) {}
}
