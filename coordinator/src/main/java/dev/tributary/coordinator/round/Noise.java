package dev.tributary.coordinator.round;

import dev.tributary.coordinator.job.Job;
import dev.tributary.privacy.Calibrator;
import dev.tributary.privacy.Mechanism;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The noise of a job, found once: mechanism, grid and ring, the same in every round, so that the
 * accountant composes one event.
 *
 * @param gridStep model units per integer
 */
public record Noise(Mechanism mechanism, double gridStep, int ringBits) {

  /**
   * Calibrates the job's noise, or takes the multiplier that it states.
   *
   * @throws dev.tributary.privacy.UnreachableBudgetException if no noise keeps the budget
   */
  public static Noise of(Job job) {
    Job.Privacy privacy = job.privacy();
    int length = job.model().trainable().size();
    if (privacy.none()) {
      OptionalInt ring = ring(privacy.ringBits());
      Calibrator.Plan plan =
          Calibrator.withoutNoise(length, privacy.clipNorm(), job.cohort().size(), ring);
      return new Noise(new Mechanism.None(), plan.gridStep(), plan.ringBits());
    }
    Calibrator.Plan plan = plan(job, job.cohort().participations());
    return new Noise(mechanism(job, plan.noiseMultiplier()), plan.gridStep(), plan.ringBits());
  }

  /**
   * Noise, grid, ring and guarantee of a private job whose clients were in that many rounds.
   *
   * @throws dev.tributary.privacy.UnreachableBudgetException if no noise keeps the budget
   */
  public static Calibrator.Plan plan(Job job, int participations) {
    Double stated = job.privacy().noiseMultiplier();
    Calibrator.Request request = request(job, participations);
    return stated == null
        ? calibrate(job, participations)
        : Calibrator.planFor(request, mechanism(job, stated));
  }

  /** As {@link #plan} for the least noise that keeps the budget, whatever the job states. */
  public static Calibrator.Plan calibrate(Job job, int participations) {
    Calibrator.Request request = request(job, participations);
    return switch (job.privacy().mechanism()) {
      case Job.Privacy.DISTRIBUTED -> Calibrator.distributedDiscreteGaussian(request);
      case Job.Privacy.SKELLAM -> Calibrator.distributedSkellam(request);
      case Job.Privacy.LOCAL_GAUSSIAN -> Calibrator.localGaussian(request);
      case Job.Privacy.LOCAL_LAPLACE -> Calibrator.localLaplace(request);
      default -> Calibrator.centralGaussian(request);
    };
  }

  private static Mechanism mechanism(Job job, double noiseMultiplier) {
    int honest = minimumHonest(job);
    return switch (job.privacy().mechanism()) {
      case Job.Privacy.DISTRIBUTED ->
          new Mechanism.DistributedDiscreteGaussian(noiseMultiplier, honest);
      case Job.Privacy.SKELLAM -> new Mechanism.DistributedSkellam(noiseMultiplier, honest);
      case Job.Privacy.LOCAL_GAUSSIAN -> new Mechanism.LocalGaussian(noiseMultiplier);
      case Job.Privacy.LOCAL_LAPLACE -> new Mechanism.LocalLaplace(noiseMultiplier);
      default -> new Mechanism.CentralGaussian(noiseMultiplier);
    };
  }

  /** n_min: the survivors whose noise shares count. */
  static int minimumHonest(Job job) {
    return job.cohort().minimum() - job.privacy().colluders();
  }

  /** What the calibrator is asked, for that many participations of one client. */
  private static Calibrator.Request request(Job job, int participations) {
    Job.Privacy privacy = job.privacy();
    return new Calibrator.Request(
        privacy.epsilon(),
        privacy.delta(),
        participations,
        job.model().trainable().size(),
        privacy.clipNorm(),
        minimumHonest(job),
        job.cohort().size(),
        ring(privacy.ringBits()),
        privacy.relation());
  }

  private static OptionalInt ring(@Nullable Integer bits) {
    return bits == null ? OptionalInt.empty() : OptionalInt.of(bits);
  }
}
