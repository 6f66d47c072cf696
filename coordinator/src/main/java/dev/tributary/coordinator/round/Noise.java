package dev.tributary.coordinator.round;

import dev.tributary.coordinator.job.Job;
import dev.tributary.privacy.Calibrator;
import dev.tributary.privacy.Mechanism;
import dev.tributary.privacy.Segment;
import dev.tributary.privacy.correlated.BandedToeplitz;
import dev.tributary.privacy.correlated.BinaryTree;
import dev.tributary.privacy.correlated.BufferedToeplitz;
import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The noise of a job, found once: mechanism, grid and ring, the same in every round, so that the
 * accountant composes one event.
 *
 * @param gridStep model units per integer
 */
public record Noise(Mechanism mechanism, double gridStep, int ringBits) {
  /** What was found, so that checking, planning and running a job look for it once. */
  private static final Map<Schedule, Strategy> BUFFERS = new ConcurrentHashMap<>();

  /**
   * Calibrates the job's noise, or takes the multiplier that it states.
   *
   * @throws dev.tributary.privacy.UnreachableBudgetException if no noise keeps the budget
   */
  public static Noise of(Job job) {
    Job.Privacy privacy = job.privacy();
    int length = length(job);
    if (privacy.none()) {
      OptionalInt ring = ring(privacy.ringBits());
      Calibrator.Plan plan =
          privacy.finestGrid()
              ? Calibrator.finestWithoutNoise(length, privacy.clipNorm(), job.cohort().size())
              : Calibrator.withoutNoise(length, privacy.clipNorm(), job.cohort().size(), ring);
      return new Noise(new Mechanism.None(), plan.gridStep(), plan.ringBits());
    }
    Calibrator.Plan plan = plan(job, job.cohort().participations());
    Mechanism found = mechanism(job, plan.noiseMultiplier(), job.cohort().participations());
    return new Noise(found, plan.gridStep(), plan.ringBits());
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
        : Calibrator.planFor(
            request, mechanism(job, stated, participations), Planner.sampling(job));
  }

  /** As {@link #plan} for the least noise that keeps the budget, whatever the job states. */
  public static Calibrator.Plan calibrate(Job job, int participations) {
    Calibrator.Request request = request(job, participations);
    return switch (job.privacy().mechanism()) {
      case Job.Privacy.DISTRIBUTED -> Calibrator.distributedDiscreteGaussian(request);
      case Job.Privacy.SKELLAM -> Calibrator.distributedSkellam(request);
      case Job.Privacy.LOCAL_GAUSSIAN -> Calibrator.localGaussian(request);
      case Job.Privacy.LOCAL_LAPLACE -> Calibrator.localLaplace(request);
      case Job.Privacy.TREE, Job.Privacy.BANDED, Job.Privacy.BLT -> {
        Schedule schedule = schedule(job, participations);
        yield Calibrator.centralCorrelated(request, strategy(job, schedule), schedule);
      }
      default -> Calibrator.centralGaussian(request, Planner.sampling(job));
    };
  }

  private static Mechanism mechanism(Job job, double noiseMultiplier, int participations) {
    int honest = minimumHonest(job);
    return switch (job.privacy().mechanism()) {
      case Job.Privacy.DISTRIBUTED ->
          new Mechanism.DistributedDiscreteGaussian(noiseMultiplier, honest);
      case Job.Privacy.SKELLAM -> new Mechanism.DistributedSkellam(noiseMultiplier, honest);
      case Job.Privacy.LOCAL_GAUSSIAN -> new Mechanism.LocalGaussian(noiseMultiplier);
      case Job.Privacy.LOCAL_LAPLACE -> new Mechanism.LocalLaplace(noiseMultiplier);
      case Job.Privacy.TREE, Job.Privacy.BANDED, Job.Privacy.BLT -> {
        Schedule schedule = schedule(job, participations);
        yield new Mechanism.CentralCorrelated(noiseMultiplier, strategy(job, schedule), schedule);
      }
      default -> new Mechanism.CentralGaussian(noiseMultiplier);
    };
  }

  private static Schedule schedule(Job job, int participations) {
    return new Schedule(job.rounds(), participations, job.cohort().separation());
  }

  /** Bands as many as one client's rounds are apart; three buffers, found for the schedule. */
  private static Strategy strategy(Job job, Schedule schedule) {
    return switch (job.privacy().mechanism()) {
      case Job.Privacy.TREE -> new BinaryTree(true);
      case Job.Privacy.BANDED ->
          new BandedToeplitz(Math.min(schedule.separation(), schedule.rounds()));
      default -> BUFFERS.computeIfAbsent(schedule, s -> BufferedToeplitz.optimised(3, s));
    };
  }

  /** Floats that a client encodes: its update and whatever else is asked of it. */
  static int length(Job job) {
    return Planner.segments(job).stream().mapToInt(Segment::length).sum();
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
        length(job),
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
