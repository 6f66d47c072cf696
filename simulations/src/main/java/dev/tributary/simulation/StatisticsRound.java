package dev.tributary.simulation;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.data.Normalisation;
import dev.tributary.simulation.data.ColumnSums;
import java.util.List;
import java.util.Objects;

/**
 * The round in which clients learn the mean and the deviation of each numeric column over all of
 * them, before the first round of their job ({@code standardise: federated}). It is a job of one
 * round by itself: planned, added up and recorded like any other. What stands for its model is a
 * vector of {@link ColumnSums}, zero at first, and a client's update is what it says of its own
 * rows; FedAvg with a server of rate 1 makes their sum over the number of clients the next model.
 */
final class StatisticsRound {
  /**
   * Standard deviations of the grid's error that a statistic may be off: more with a chance of
   * 1e-15 at a coordinate, if it were normal.
   */
  private static final int DEVIATIONS = 8;

  private final Job job;
  private final ColumnSums sums;

  /**
   * The round of a job.
   *
   * @param clients all that there are, who are all asked
   */
  StatisticsRound(Job job, int clients, ColumnSums sums) {
    this.sums = sums;
    this.job = of(job, clients, sums.length());
  }

  /** The job of one round that it is. */
  Job job() {
    return job;
  }

  private static Job of(Job job, int clients, int length) {
    Job.Cohort c = job.cohort();
    int minimum = Math.toIntExact(((long) clients * c.minimum() + c.size() - 1) / c.size());
    Job.Privacy p = job.privacy();
    Job.Simulation s = Objects.requireNonNull(job.simulation());
    return new Job(
        job.name() + "-statistics",
        ModelSpec.builder(length - 1) // and a bias
            .dense(1, Activation.LINEAR)
            .loss(Loss.SQUARED_ERROR)
            .build(),
        job.training(),
        new Job.ServerStrategy("fedavg", OptimizerSpec.sgd(1, 0, 0), 1, Job.Denominator.COHORT),
        1,
        new Job.Cohort(
            clients, minimum, c.population(), Job.Sampling.SCHEDULE, Job.Joining.CLOSED, 0, 1, 1),
        new Job.Privacy(
            p.mechanism(),
            p.population(),
            p.unit(),
            p.relation(),
            p.epsilon(),
            p.delta(),
            Math.sqrt(length) * (1 + 1e-6), // no coordinate is beyond 1
            p.colluders(),
            null,
            null,
            p.populationEpsilon(),
            p.operator(),
            null,
            true),
        job.secureAggregation(),
        job.deadline(),
        new Job.Evaluation(1, List.of()),
        new Job.Simulation(
            Experiment.rootSeed(s.seed()).derive("statistics").toLong() & Long.MAX_VALUE,
            s.data(),
            s.partition(),
            s.split(),
            new Job.Faults(
                s.faults().dropout(),
                s.faults().phases(),
                s.faults().coordinatorCrashes(),
                null,
                List.of()),
            new Job.Availability.Always(),
            null),
        job.source());
  }

  /**
   * What the round's model says.
   *
   * @throws StatisticsException if it came to no sum
   */
  Normalisation read(Experiment.Outcome outcome) {
    JobResult result = outcome.result();
    if (result.outcome() == JobResult.Outcome.STOPPED) {
      throw new StatisticsException(
          "stopped in the round of statistics that comes before the first; nothing was learned",
          null);
    }
    if (result.completed() == 0) {
      throw new StatisticsException(
          "the round of statistics that comes before the first (standardise: federated) came to no sum%s. Let fewer clients drop out, lower cohort.minimum, or write standardise: perClient."
              .formatted(
                  outcome.firstDecline() == null
                      ? ""
                      : "; the first client to decline said: " + outcome.firstDecline().reason()),
          result.failure());
    }
    return read(outcome.model());
  }

  /** The same, of a round that came to its sum. */
  Normalisation read(ModelFile model) {
    return sums.normalisation(model.parameters(), error());
  }

  /**
   * What the grid may have added to a coordinate of the sum over the number of clients N: a client
   * rounds each of its rotated coordinates to the grid without bias, by less than a step, so with a
   * standard deviation of at most half of one; the rotation back is orthonormal.
   */
  double error() {
    double step = new Planner(job, job.secureAggregation().suite()).noise().gridStep();
    return DEVIATIONS * step / (2 * Math.sqrt(job.cohort().size()));
  }
}
