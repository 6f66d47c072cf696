package dev.tributary.privacy;

import dev.tributary.privacy.loss.LaplacePair;
import dev.tributary.privacy.loss.LossComposition;
import dev.tributary.privacy.loss.LossPair;
import dev.tributary.privacy.loss.ReplacedGaussianPair;
import dev.tributary.privacy.loss.SampledGaussianPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Composes privacy loss distributions on a grid, pessimistic in every step, removal and addition
 * each for itself; the larger counts. Gaussians without sampling compose in closed form (Balle,
 * Wang 2018, Theorem 8, for the noise multiplier (sum n / z^2)^(-1/2)).
 *
 * <p>Covers continuous Gaussian and Laplace noise, and Poisson samples of Gaussian noise, cut to a
 * cap or not. Discrete noise on vectors is not covered: no pair of one dimension is known to
 * dominate it.
 *
 * <p>The estimated numerical error is added to delta. Where it is a hundredth of delta or more the
 * query for epsilon is refused with an {@link ArithmeticException}. Errors here are relative to the
 * distribution tilted to epsilon, so the rule of untilted transforms, delta of at least 1000 times
 * n 2^-53 for n releases, would refuse what is exact to six digits.
 */
public final class PldAccountant implements Accountant {
  /** Has no state. */
  public PldAccountant() {}

  @Override
  public String id() {
    return "pld";
  }

  /** Whether every one of these events has a loss distribution here. */
  public boolean covers(List<Charge> charges) {
    return charges.stream().allMatch(charge -> covers(charge.event()));
  }

  private static boolean covers(PrivacyEvent event) {
    if (event instanceof PrivacyEvent.PoissonSampled sampled) {
      return sampled.event() instanceof PrivacyEvent.Gaussian;
    }
    return event instanceof PrivacyEvent.Gaussian
        || event instanceof PrivacyEvent.Laplace
        || event instanceof PrivacyEvent.TruncatedPoissonSampled;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an event is not covered
   * @throws ArithmeticException if delta is too small for the arithmetic
   */
  @Override
  public Guarantee epsilon(List<Charge> charges, double delta, Unit unit, Relation relation) {
    Checks.delta(delta);
    requireCovered(charges);
    double epsilon =
        isGaussian(charges)
            ? gaussianEpsilon(charges, delta, relation)
            : larger(charges, relation, composition -> composition.epsilon(delta));
    return new Guarantee(epsilon, delta, unit, relation, id(), Double.NaN);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an event is not covered
   */
  @Override
  public Guarantee delta(List<Charge> charges, double epsilon, Unit unit, Relation relation) {
    Checks.notNegative("epsilon", epsilon);
    requireCovered(charges);
    double delta =
        isGaussian(charges)
            ? gaussianDelta(charges, epsilon, relation)
            : larger(charges, relation, composition -> composition.delta(epsilon));
    return new Guarantee(epsilon, delta, unit, relation, id(), Double.NaN);
  }

  private void requireCovered(List<Charge> charges) {
    if (!covers(charges)) {
      throw new IllegalArgumentException(
          "no loss distribution is known for one of these events. Use the rdp accountant");
    }
  }

  private static boolean isGaussian(List<Charge> charges) {
    return charges.stream().allMatch(charge -> charge.event() instanceof PrivacyEvent.Gaussian);
  }

  /** The noise multiplier of all Gaussians together; infinite without any. */
  private static double together(List<Charge> charges, Relation relation) {
    double squares = 0;
    for (Charge charge : charges) {
      if (charge.event() instanceof PrivacyEvent.Gaussian gaussian) {
        double shift = distance(relation) / gaussian.noiseMultiplier();
        squares += charge.count() * shift * shift;
      }
    }
    return 1 / Math.sqrt(squares);
  }

  private static double distance(Relation relation) {
    return relation == Relation.REPLACE_ONE ? 2 : 1;
  }

  private static double gaussianEpsilon(List<Charge> charges, double delta, Relation relation) {
    double z = together(charges, relation);
    return Double.isInfinite(z) ? 0 : AnalyticGaussian.epsilon(z, delta);
  }

  private static double gaussianDelta(List<Charge> charges, double epsilon, Relation relation) {
    double z = together(charges, relation);
    return Double.isInfinite(z) ? 0 : Math.min(1, AnalyticGaussian.delta(z, epsilon));
  }

  private static double larger(
      List<Charge> charges, Relation relation, ToDoubleFunction<LossComposition> query) {
    double removal = query.applyAsDouble(composition(charges, relation, true));
    return relation == Relation.REPLACE_ONE
        ? removal
        : Math.max(removal, query.applyAsDouble(composition(charges, relation, false)));
  }

  /** One direction of the composition, equal events merged. */
  static LossComposition composition(List<Charge> charges, Relation relation, boolean remove) {
    List<LossComposition.Item> items = new ArrayList<>();
    double z = together(charges, relation);
    if (!Double.isInfinite(z)) {
      items.add(new LossComposition.Item(new SampledGaussianPair(1, z, true), 1));
    }
    Map<String, Charge> merged = new TreeMap<>();
    for (Charge charge : charges) {
      if (!(charge.event() instanceof PrivacyEvent.Gaussian)) {
        merged.merge(
            charge.event().canonical(),
            charge,
            (a, b) -> new Charge(a.event(), Math.addExact(a.count(), b.count())));
      }
    }
    for (Charge charge : merged.values()) {
      items.add(new LossComposition.Item(pair(charge.event(), relation, remove), charge.count()));
    }
    return new LossComposition(items);
  }

  private static LossPair pair(PrivacyEvent event, Relation relation, boolean remove) {
    if (event instanceof PrivacyEvent.Laplace laplace) {
      return new LaplacePair(laplace.scale() / distance(relation));
    }
    if (event instanceof PrivacyEvent.TruncatedPoissonSampled truncated) {
      return TruncatedPoisson.of(truncated, relation).pair(remove);
    }
    if (event instanceof PrivacyEvent.PoissonSampled sampled
        && sampled.event() instanceof PrivacyEvent.Gaussian gaussian) {
      return relation == Relation.REPLACE_ONE
          ? new ReplacedGaussianPair(sampled.rate(), gaussian.noiseMultiplier())
          : new SampledGaussianPair(sampled.rate(), gaussian.noiseMultiplier(), remove);
    }
    throw new IllegalStateException("not covered: " + event.canonical());
  }
}
