package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.JobControl;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.Guarantee;
import org.jspecify.annotations.Nullable;

/** What was said of a job of a coordinator, and how it stands. Lives on the loop. */
final class JobDesk {
  private final Job job;
  private final JobControl control;
  private JobControl.State said = JobControl.State.RUNNING;

  JobDesk(Job job, Store store) {
    this.job = job;
    this.control = store.jobControl();
  }

  /** Reads what was said before this process. */
  JobControl.State load() {
    said = control.of(job.name());
    return said;
  }

  /** What was said at another coordinator; false if that is what is done already. */
  boolean heed(JobControl.State elsewhere) {
    boolean changed = said != elsewhere;
    said = elsewhere;
    return changed;
  }

  JobControl.State said() {
    return said;
  }

  boolean paused() {
    return said == JobControl.State.PAUSED;
  }

  /**
   * Writes what is said now.
   *
   * @param over whether the job has ended
   */
  void say(String who, JobControl.State to, boolean over) {
    if (over) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          "job-over",
          "The job " + job.name() + " is over.",
          "Nothing: it cannot be paused, resumed or cancelled any more.");
    }
    try {
      said = control.say(who, job.name(), to);
    } catch (StoreException e) {
      throw told(e);
    }
  }

  /** An act that the audit log cannot tell of is refused; the rest is a failure of the store. */
  static RuntimeException told(StoreException e) {
    return e.code().equals(StoreException.AUDIT_LOG_DAMAGED)
        ? new FrontDoorException(
            Kind.CONFLICT,
            e.code(),
            String.valueOf(e.getMessage()),
            "Nothing is done that the audit log cannot tell of.")
        : e;
  }

  /** The result of a job that is over before it began. */
  JobResult neverBegan(String reason) {
    Budget budget = Planner.budget(job);
    Guarantee nothing =
        new Guarantee(0, budget.delta(), budget.unit(), budget.relation(), "none", Double.NaN);
    return new JobResult(
        JobResult.Outcome.CANCELLED, reason, job.rounds(), 0, 0, "", nothing, nothing, null, null);
  }

  /**
   * How the job stands.
   *
   * @param begun whether its population is there
   * @param progress null before its first model is there
   * @param result null before it is over
   */
  JobStatus status(
      JobStatus.Clients clients,
      boolean begun,
      FederatedTraining.@Nullable Progress progress,
      FederatedTraining.@Nullable Waiting waiting,
      @Nullable JobResult result) {
    return new JobStatus(
        job.name(),
        state(begun, result),
        job.rounds(),
        progress == null ? 0 : progress.committed(),
        progress == null ? 0 : progress.aborted(),
        progress == null ? null : progress.inFlight(),
        clients,
        waiting,
        progress == null || job.privacy().none()
            ? null
            : new JobStatus.Spent(
                progress.spent().released().epsilon(),
                progress.spent().coordinatorView().epsilon(),
                job.privacy().epsilon(),
                job.privacy().delta()),
        progress == null ? null : progress.model(),
        result == null ? "" : result.reason());
  }

  /** How it stands when it cannot go on in this process. */
  JobStatus failed(JobStatus.Clients clients, String why) {
    return new JobStatus(
        job.name(),
        JobStatus.State.FAILED,
        job.rounds(),
        0,
        0,
        null,
        clients,
        null,
        null,
        null,
        why);
  }

  private JobStatus.State state(boolean begun, @Nullable JobResult result) {
    if (result != null) {
      return switch (result.outcome()) {
        case COMPLETED -> JobStatus.State.COMPLETED;
        case BUDGET_SPENT -> JobStatus.State.BUDGET_SPENT;
        case STOPPED -> JobStatus.State.STOPPED;
        case CANCELLED -> JobStatus.State.CANCELLED;
        case FAILED -> JobStatus.State.FAILED;
      };
    }
    if (paused()) {
      return JobStatus.State.PAUSED;
    }
    return begun ? JobStatus.State.RUNNING : JobStatus.State.WAITING_FOR_CLIENTS;
  }
}
