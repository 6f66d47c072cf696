package dev.tributary.privacy;

import dev.tributary.privacy.correlated.Schedule;
import dev.tributary.privacy.correlated.Strategy;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.DoubleFunction;
import java.util.function.UnaryOperator;

/**
 * Finds the least noise that keeps a budget, and a grid and a ring to carry it. The epsilon is that
 * of the accountant for the very event of the resulting pipeline: what rounding adds to the
 * sensitivity, and what a sum of discrete Gaussians lacks to a discrete Gaussian, is in it.
 *
 * <p>Grids are gridStep = C 2^-k. Without a fixed ring, k is the least that lets rounding add no
 * more than a 4096th to the squared sensitivity; with one, it is the largest that the ring can
 * carry.
 */
public final class Calibrator {
  static final int WIDEST_RING = 32;
  private static final String ANY_SEED = "0".repeat(64);

  private Calibrator() {}

  /**
   * A budget and the work to be done under it.
   *
   * @param participations rounds that any one client is in
   * @param length d, floats of the update
   * @param minimumHonest n_min; counts for noise shares only
   * @param maximumCohort most contributions in one sum
   * @param ringBits a fixed ring, or empty for the smallest that costs nothing
   */
  public record Request(
      double epsilon,
      double delta,
      int participations,
      int length,
      double clipNorm,
      int minimumHonest,
      int maximumCohort,
      OptionalInt ringBits,
      Relation relation) {
    public Request {
      Checks.positive("epsilon", epsilon);
      Checks.delta(delta);
      Checks.atLeast("participations", 1, participations);
      Checks.atLeast("length", 1, length);
      Checks.positive("clipNorm", clipNorm);
      Checks.atLeast("minimumHonest", 1, minimumHonest);
      Checks.atLeast("maximumCohort (minimumHonest or more)", minimumHonest, maximumCohort);
      checkRing(ringBits);
    }
  }

  /**
   * What to put into a {@link PipelineSpec}.
   *
   * @param noiseMultiplier z; 0 without noise
   * @param gridStep gamma, model units per integer
   * @param shareSigma standard deviation of the noise that one client makes, in model units; 0 if
   *     clients make none
   * @param proof the inequality by which no sum wraps
   * @param guarantee what all participations together cost
   */
  public record Plan(
      double noiseMultiplier,
      double gridStep,
      int ringBits,
      double shareSigma,
      String proof,
      Guarantee guarantee) {
    static Plan of(PipelineSpec spec, int ringBits, Guarantee guarantee) {
      double deviation = spec.clientNoise().map(ClientNoise::deviation).orElse(0.0);
      return new Plan(
          spec.mechanism().noiseMultiplier(),
          spec.gridStep(),
          ringBits,
          deviation * spec.gridStep(),
          RingFit.of(spec).proof(ringBits),
          guarantee);
    }

    /** s = 1 / gamma, integers per model unit. */
    public double scale() {
      return 1 / gridStep;
    }
  }

  /**
   * The least noise made by clients that keeps the budget.
   *
   * @throws RelationException under {@link Relation#ADD_REMOVE}
   * @throws UnreachableBudgetException if the ring cannot carry enough noise
   */
  public static Plan distributedDiscreteGaussian(Request request) {
    return least(
        request, z -> new Mechanism.DistributedDiscreteGaussian(z, request.minimumHonest()));
  }

  /**
   * The least Skellam noise made by clients that keeps the budget.
   *
   * @throws RelationException under {@link Relation#ADD_REMOVE}
   * @throws UnreachableBudgetException if the ring cannot carry enough noise
   */
  public static Plan distributedSkellam(Request request) {
    return least(request, z -> new Mechanism.DistributedSkellam(z, request.minimumHonest()));
  }

  /**
   * The least Gaussian noise that keeps the budget for each client by itself.
   *
   * @throws RelationException under {@link Relation#ADD_REMOVE}
   * @throws UnreachableBudgetException if the ring cannot carry enough noise
   */
  public static Plan localGaussian(Request request) {
    return least(request, Mechanism.LocalGaussian::new);
  }

  /**
   * The least Laplace noise that keeps the budget for each client by itself.
   *
   * @throws RelationException under {@link Relation#ADD_REMOVE}
   * @throws UnreachableBudgetException if the ring cannot carry enough noise
   */
  public static Plan localLaplace(Request request) {
    return least(request, Mechanism.LocalLaplace::new);
  }

  /**
   * The least noise made by the coordinator that keeps the budget, without amplification by
   * sampling.
   *
   * @throws UnreachableBudgetException if the ring cannot carry a fine enough grid
   */
  public static Plan centralGaussian(Request request) {
    return least(request, Mechanism.CentralGaussian::new);
  }

  /**
   * The least noise made by the coordinator that keeps the budget for whoever does not learn the
   * cohorts, which are drawn as {@code sampling} says.
   *
   * @throws RelationException under {@link Relation#ADD_REMOVE} for a sample of fixed size
   * @throws UnreachableBudgetException if the ring cannot carry a fine enough grid
   */
  public static Plan centralGaussian(Request request, CohortSampling sampling) {
    return least(new GridSearch(request, Mechanism.CentralGaussian::new, sampling::event));
  }

  /**
   * The least correlated noise, made by the coordinator, that keeps the budget.
   *
   * @throws UnreachableBudgetException if the ring cannot carry a fine enough grid
   */
  public static Plan centralCorrelated(Request request, Strategy strategy, Schedule schedule) {
    return least(request, z -> new Mechanism.CentralCorrelated(z, strategy, schedule));
  }

  /**
   * The grid, the ring and the guarantee for noise that somebody fixed. The guarantee may exceed
   * the budget of the request: the ledger refuses that.
   *
   * @throws RelationException under a relation where the mechanism promises nothing
   * @throws PipelineException if the ring cannot carry the noise
   */
  public static Plan planFor(Request request, Mechanism mechanism) {
    return planFor(request, mechanism, release -> release);
  }

  /** The same where cohorts are drawn as {@code sampling} says, for whoever does not learn them. */
  public static Plan planFor(Request request, Mechanism mechanism, CohortSampling sampling) {
    return planFor(request, mechanism, sampling::event);
  }

  private static Plan planFor(
      Request request, Mechanism mechanism, UnaryOperator<PrivacyEvent> sampled) {
    mechanism.check(request.relation());
    GridSearch search = new GridSearch(request, z -> mechanism, sampled);
    for (int k = search.startExponent(); k >= 0; k--) {
      PipelineSpec spec = search.spec(k, 1);
      if (search.carries(spec)) {
        return search.plan(spec);
      }
    }
    throw new PipelineException(
        PipelineCheck.violation(search.spec(search.idealExponent(), 1)).orElse("no grid fits"));
  }

  /**
   * A grid so fine that rounding moves an update by no more than a 1024th of the clip norm (root
   * mean square), for {@link Mechanism.None}.
   *
   * @throws PipelineException if the ring cannot carry any grid
   */
  public static Plan withoutNoise(
      int length, double clipNorm, int maximumCohort, OptionalInt ringBits) {
    int padded = new Blocks(length).encodedLength();
    int root = (33 - Integer.numberOfLeadingZeros(padded - 1)) / 2;
    return withoutNoise(length, clipNorm, maximumCohort, ringBits, root + 9);
  }

  /**
   * The finest grid that the widest ring carries, down to a 2^24th of the clip norm, for {@link
   * Mechanism.None} and sums that are more than steps of a training.
   *
   * @throws PipelineException if the ring cannot carry any grid
   */
  public static Plan finestWithoutNoise(int length, double clipNorm, int maximumCohort) {
    return withoutNoise(
        length, clipNorm, maximumCohort, OptionalInt.of(WIDEST_RING), GridSearch.FINEST);
  }

  private static Plan withoutNoise(
      int length, double clipNorm, int maximumCohort, OptionalInt ringBits, int finest) {
    checkRing(ringBits);
    int limit = ringBits.orElse(WIDEST_RING);
    for (int k = Math.min(GridSearch.FINEST, finest); k >= 0; k--) {
      PipelineSpec spec = spec(length, clipNorm, k, limit, maximumCohort, new Mechanism.None());
      int bits = RingFit.of(spec).requiredBits();
      if (bits <= limit) {
        return Plan.of(spec, ringBits.orElse(bits), nothingPromised());
      }
    }
    throw new PipelineException(
        "no grid lets "
            + maximumCohort
            + " contributions of "
            + length
            + " floats fit a ring of "
            + limit
            + " bits. Raise ringBits or lower the cohort");
  }

  private static Guarantee nothingPromised() {
    return new Guarantee(
        Double.POSITIVE_INFINITY, 0, Unit.USER, Relation.ZERO_OUT, "none", Double.NaN);
  }

  private static void checkRing(OptionalInt ringBits) {
    if (ringBits.isPresent() && (ringBits.getAsInt() < 2 || ringBits.getAsInt() > WIDEST_RING)) {
      throw new IllegalArgumentException("ringBits must be 2 to 32, was " + ringBits.getAsInt());
    }
  }

  static PipelineSpec spec(
      int length, double clipNorm, int k, int ringBits, int cohort, Mechanism mechanism) {
    return new PipelineSpec(
        List.of(new Segment("update", length)),
        clipNorm,
        Math.scalb(clipNorm, -k),
        ringBits,
        cohort,
        mechanism,
        ANY_SEED);
  }

  private static Plan least(Request request, DoubleFunction<Mechanism> family) {
    return least(new GridSearch(request, family, release -> release));
  }

  private static Plan least(GridSearch search) {
    search.family().apply(1).check(search.request().relation());
    double reached = Double.POSITIVE_INFINITY;
    for (int k = search.startExponent(); k >= 0; k--) {
      PipelineSpec spec = search.spec(k, search.leastNoise(k));
      if (search.carries(spec)) {
        return search.plan(spec);
      }
      reached = Math.min(reached, search.leastEpsilon(k));
    }
    int ideal = search.idealExponent();
    throw search.ringTooSmall(search.spec(ideal, search.leastNoise(ideal)), reached);
  }
}
