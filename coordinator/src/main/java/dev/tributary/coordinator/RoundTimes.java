package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.Schedule;
import dev.tributary.secagg.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The times that a coordinator keeps for a job: what follows from its deadline, and what is the
 * same for every job.
 *
 * @param what a word for it
 * @param time how long; for a step, when it ends at the latest, counted from the round's beginning
 * @param fromDeadline whether it would be another one with another deadline
 * @param meaning what happens then
 */
public record RoundTimes(String what, Duration time, boolean fromDeadline, String meaning) {

  /** All of a job, in the order in which they matter to a round. */
  public static List<RoundTimes> of(Job job) {
    Duration deadline = job.deadline();
    List<RoundTimes> times = new ArrayList<>();
    times.add(
        new RoundTimes(
            "waiting told", deadline, true, "a round that cannot be offered says so again"));
    times.add(
        new RoundTimes(
            "look",
            FederatedTraining.LOOK,
            false,
            "whether enough clients are there, or the job goes on"));
    times.add(
        new RoundTimes(
            "present", Session.LATELY, false, "who was heard from within this counts as there"));
    Sa1 suite = Sa1.of(job.secureAggregation().suite());
    List<Step> steps = suite.steps(new Planner(job, suite.id()).sum());
    Schedule schedule = Schedule.of(Instant.EPOCH, deadline, steps);
    for (Step step : steps) {
      times.add(
          new RoundTimes(
              "step " + step.name(),
              Duration.between(Instant.EPOCH, schedule.endOf(step.name())),
              true,
              String.format(
                  Locale.ROOT, "%.4g %% of the deadline; who is late is out", 100 * step.share())));
    }
    times.add(
        new RoundTimes(
            "round",
            deadline,
            true,
            "ends at the latest, counted from its offer; a restart does not move it, and a client"
                + " counts its own from when it takes the offer"));
    times.add(
        new RoundTimes(
            "next round", Duration.ZERO, true, "begins at once after the end of the one before"));
    times.add(
        new RoundTimes(
            "poll held",
            LiveJob.LONGEST_POLL,
            false,
            "at most, whatever a client asks for; news end it at once"));
    times.add(
        new RoundTimes(
            "clock", CheckInDesk.WINDOW, false, "a client's may be off so far at a check-in"));
    times.add(
        new RoundTimes(
            "nonce", CheckInDesk.WINDOW.multipliedBy(2), false, "of a check-in is remembered"));
    return List.copyOf(times);
  }
}
