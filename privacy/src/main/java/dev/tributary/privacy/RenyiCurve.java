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
    return order -> Double.POSITIVE_INFINITY;
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
