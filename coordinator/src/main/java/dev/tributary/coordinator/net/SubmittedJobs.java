package dev.tributary.coordinator.net;

import dev.tributary.coordinator.JobHost;
import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.StoppedException;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.metrics.CoordinatorMetrics;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.secagg.SumSuite;
import dev.tributary.secagg.TrustAnchors;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Submitted jobs as a process runs them, and what its operator reads of them. They are measured on
 * no data: a job file names none that a live coordinator opens.
 */
final class SubmittedJobs implements JobHost {
  private final PrintWriter out;
  private final CoordinatorMetrics metrics;
  private final Function<String, SumSuite> suites;
  private volatile TrustAnchors trust;

  SubmittedJobs(
      PrintWriter out,
      CoordinatorMetrics metrics,
      TrustAnchors trust,
      Function<String, SumSuite> suites) {
    this.out = out;
    this.metrics = metrics;
    this.trust = trust;
    this.suites = suites;
  }

  /** From now on jobs are held against these anchors. */
  void trust(TrustAnchors newer) {
    trust = newer;
  }

  @Override
  public Terms terms(Job job) {
    int population = LiveChecks.population(job, null, null);
    LiveChecks.checkMode(job, trust);
    return new Terms(
        population,
        suites.apply(job.secureAggregation().suite()),
        null,
        RoundListener.all(metrics.of(job.name()), lines(job)));
  }

  @Override
  public void takenUp(Job job, CompletableFuture<JobResult> done) {
    RoundLines lines = lines(job);
    lines.job(LiveChecks.population(job, null, null));
    var unused = done.whenComplete((result, failure) -> ended(lines, result, failure));
  }

  private static void ended(
      RoundLines lines, @Nullable JobResult result, @Nullable Throwable failure) {
    if (result != null) {
      lines.result(result);
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof StoreException moved
        && moved.code().equals(StoreException.JOB_TAKEN_OVER)) {
      lines.line("the job goes on at another coordinator");
    } else if (cause instanceof StoppedException) {
      lines.line("%s before the job began", String.valueOf(cause.getMessage()));
    } else if (cause != null) {
      lines.line("the job cannot go on: %s", String.valueOf(cause.getMessage()));
    }
  }

  @Override
  public void rests(String name, String why) {
    line("job " + name + " rests: " + why);
  }

  void line(String text) {
    out.println(text);
    out.flush();
  }

  private RoundLines lines(Job job) {
    return new RoundLines(out, job, job.name() + "   ");
  }
}
