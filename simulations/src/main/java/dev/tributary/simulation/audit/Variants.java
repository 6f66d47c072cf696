package dev.tributary.simulation.audit;

import dev.tributary.coordinator.job.Job;

/** A job with other noise. */
final class Variants {
  private Variants() {}

  /** The noise stated, whatever the job says of it, under a budget. */
  static Job withNoise(Job job, double noiseMultiplier, double epsilon) {
    Job.Privacy p = job.privacy();
    return with(
        job,
        new Job.Privacy(
            p.mechanism(),
            p.population(),
            p.unit(),
            p.relation(),
            epsilon,
            p.delta(),
            p.clipNorm(),
            p.colluders(),
            noiseMultiplier,
            p.ringBits(),
            epsilon,
            p.operator(),
            p.adaptiveClip()));
  }

  /** No noise, and the same clip norm. */
  static Job withoutNoise(Job job) {
    Job.Privacy p = job.privacy();
    return with(
        job,
        new Job.Privacy(
            Job.Privacy.NONE,
            p.population(),
            p.unit(),
            p.relation(),
            Double.POSITIVE_INFINITY,
            p.delta(),
            p.clipNorm(),
            0,
            null,
            null,
            Double.POSITIVE_INFINITY,
            p.operator(),
            null));
  }

  private static Job with(Job job, Job.Privacy privacy) {
    return new Job(
        job.name(),
        job.model(),
        job.training(),
        job.strategy(),
        job.rounds(),
        job.cohort(),
        privacy,
        job.secureAggregation(),
        job.deadline(),
        job.evaluation(),
        job.simulation(),
        job.source());
  }
}
