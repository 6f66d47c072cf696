package dev.tributary.coordinator.net;

import dev.tributary.coordinator.ScheduledCohort;
import dev.tributary.coordinator.job.Job;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a job needs to be run for live clients, beside what its file says. */
final class LiveChecks {
  private LiveChecks() {}

  /**
   * How many clients a job waits for.
   *
   * @param clients as somebody said; null for as the job says
   * @param file of the job, for messages; null for a submitted one, with which nobody can say it
   * @throws ServerException if nobody says it, or the job's schedule cannot be kept with so many
   */
  static int population(Job read, @Nullable Integer clients, @Nullable Path file) {
    String where = file == null ? "the job file" : file.toString();
    Integer known = clients == null ? read.cohort().population() : clients;
    if (known == null) {
      throw new ServerException(
          ServerException.POPULATION_MISSING,
          "The job does not say how many clients to wait for. Write cohort.population: N in "
              + where
              + (file == null ? "." : ", or give --clients N."));
    }
    Job.Cohort cohort = read.cohort();
    if (read.sampled()) {
      if (!known.equals(read.clients())) {
        throw new ServerException(
            ServerException.POPULATION_MISSING,
            "The cohorts of "
                + where
                + " are samples of "
                + read.clients()
                + " clients, which is what the ledger counts with. "
                + (file == null ? "Write" : "Leave --clients out, or write")
                + " cohort.population: "
                + known
                + ".");
      }
      return known;
    }
    ScheduledCohort.refusal(
            known,
            cohort.size(),
            cohort.spares(),
            read.rounds(),
            cohort.participations(),
            cohort.separation())
        .ifPresent(
            refusal -> {
              throw new ServerException(
                  ServerException.POPULATION_MISSING,
                  "With "
                      + known
                      + " clients the schedule of "
                      + where
                      + " cannot be kept:"
                      + " cohort.schedule."
                      + refusal.key()
                      + " "
                      + refusal.rule()
                      + ". "
                      + refusal.wayOut());
            });
    return known;
  }

  /**
   * Holds a job against the coordinator's trust.
   *
   * @throws ServerException if the job needs clients that somebody else has certified
   */
  static void checkMode(Job read, TrustAnchors trust) {
    if (read.secureAggregation().mode() == Mode.MALICIOUS && !trust.certified()) {
      throw new ServerException(
          ServerException.MODE_NEEDS_AUTHORITY,
          "The job asks for secureAggregation.mode malicious, which needs clients that somebody else"
              + " than this coordinator has certified. Give --authority FILE with the enrolment"
              + " authority's public key, or write mode: curious (the coordinator is then trusted to"
              + " follow the protocol).");
    }
  }
}
