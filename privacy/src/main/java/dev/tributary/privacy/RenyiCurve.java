package dev.tributary.privacy;

/** Renyi divergence of one event as a function of the order a &gt; 1. */
interface RenyiCurve {
  double at(double order);

  /**
   * The curve of an event under a relation. Under REPLACE_ONE two vectors within the clip lie twice
   * the clip apart.
   *
   * @throws RelationException if the event has no guarantee under {@code relation}
   */
  static RenyiCurve of(PrivacyEvent event, Relation relation) {
    double distance = relation == Relation.REPLACE_ONE ? 2 : 1;
    if (event instanceof PrivacyEvent.Gaussian gaussian) {
      return concentrated(distance / gaussian.noiseMultiplier());
    }
    if (event instanceof PrivacyEvent.DiscreteGaussian discrete) {
      return concentrated(distance * discrete.sensitivity() / discrete.sigma());
    }
    if (event instanceof PrivacyEvent.DistributedDiscreteGaussian distributed) {
      RelationException.refuseAddRemove(relation);
      return SumOfDiscreteGaussians.of(distributed).curve(distance);
    }
    if (event instanceof PrivacyEvent.DistributedSkellam skellam) {
      RelationException.refuseAddRemove(relation);
      return SkellamDivergence.curve(skellam, distance);
    }
    if (event instanceof PrivacyEvent.LocalDiscreteLaplace laplace) {
      RelationException.refuseAddRemove(relation);
      return LaplaceDivergence.curve(distance * laplace.sensitivity(), laplace.scale());
    }
    if (event instanceof PrivacyEvent.Laplace laplace) {
      return laplace(laplace.scale() / distance);
    }
    if (event instanceof PrivacyEvent.PoissonSampled sampled) {
      return sampled(sampled, relation);
    }
    if (event instanceof PrivacyEvent.WholeRun run) {
      return of(run.event(), relation);
    }
    if (event instanceof PrivacyEvent.TruncatedPoissonSampled truncated) {
      return TruncatedPoisson.of(truncated, relation).curve();
    }
    if (event instanceof PrivacyEvent.FixedSizeSampled fixed) {
      if (relation == Relation.ADD_REMOVE) {
        throw RelationException.fixedSize();
      }
      // A zeroed unit is one that was replaced; it may also have pushed another one out.
      return FixedSizeGaussian.curve(fixed, EventNoise.multiplier(fixed.event()) / 2);
    }
    return order -> Double.POSITIVE_INFINITY;
  }

  private static RenyiCurve sampled(PrivacyEvent.PoissonSampled sampled, Relation relation) {
    if (sampled.event() instanceof PrivacyEvent.Gaussian gaussian) {
      return relation == Relation.REPLACE_ONE
          ? SampledGaussian.replaced(sampled.rate(), gaussian.noiseMultiplier())
          : SampledGaussian.curve(sampled.rate(), gaussian.noiseMultiplier());
    }
    if (sampled.event() instanceof PrivacyEvent.DiscreteGaussian discrete
        && relation != Relation.REPLACE_ONE) {
      return SampledGaussian.discrete(sampled.rate(), discrete.sigma() / discrete.sensitivity());
    }
    throw RelationException.replacedDiscrete();
  }

  /** Mironov 2017, Table II, for scale b: ln(a/(2a-1) e^((a-1)/b) + (a-1)/(2a-1) e^(-a/b)). */
  private static RenyiCurve laplace(double b) {
    return a -> {
      double rest = (a - 1) / (2 * a - 1) * Math.expm1((1 - 2 * a) / b);
      return 1 / b + Math.log1p(rest) / (a - 1);
    };
  }

  /**
   * a s^2 / 2 for a shift of s standard deviations: exact for the continuous Gaussian (Mironov
   * 2017, Proposition 7), and for the discrete one at integer shifts (Canonne, Kamath, Steinke
   * 2020, Proposition 5).
   */
  private static RenyiCurve concentrated(double shift) {
    return order -> order / 2 * shift * shift;
  }
}
