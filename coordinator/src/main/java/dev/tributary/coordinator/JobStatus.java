package dev.tributary.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * How a job stands, for those who administer it. Nothing in it is of a single client.
 *
 * @param rounds that are planned
 * @param committed rounds that released a model
 * @param aborted rounds that released nothing
 * @param inFlight number of the round in flight; null if there is none
 * @param clients of the job
 * @param waiting what the next round waits for; null if for nothing
 * @param spent null without privacy, and before the job has begun
 * @param model digest of the last released model; null before the job has begun
 * @param reason of its end; empty for a job that goes on, or did all its rounds
 */
public record JobStatus(
    String name,
    State state,
    int rounds,
    int committed,
    int aborted,
    @Nullable Integer inFlight,
    Clients clients,
    FederatedTraining.@Nullable Waiting waiting,
    @Nullable Spent spent,
    @Nullable String model,
    String reason) {

  /** A job that the store holds and that cannot be run as things are. */
  public static JobStatus unavailable(String name, String why) {
    return new JobStatus(name, State.FAILED, 0, 0, 0, null, Clients.NONE, null, null, null, why);
  }

  /**
   * How many clients a job has.
   *
   * @param enrolled those that have not withdrawn
   * @param awaited before the first round; later all that ever were members
   * @param joined of them those that came after the beginning
   * @param left members that have withdrawn
   */
  public record Clients(int enrolled, int awaited, int joined, int left) {
    static final Clients NONE = new Clients(0, 0, 0, 0);
  }

  /** What a job does, or how it ended. */
  public enum State {
    WAITING_FOR_CLIENTS,
    RUNNING,
    PAUSED,
    COMPLETED,
    BUDGET_SPENT,
    STOPPED,
    CANCELLED,
    FAILED
  }

  /**
   * What was spent of its population's budget, by all its jobs.
   *
   * @param released against whoever sees the models
   * @param coordinatorView counted for the sums that the coordinator could open
   * @param budget of the job
   */
  public record Spent(double released, double coordinatorView, double budget, double delta) {}
}
