package dev.tributary.privacy;

/** The noise of an event: how much, who makes it, and the same with another amount. */
final class EventNoise {
  private EventNoise() {}

  /** Standard deviation of all noise over the sensitivity; 0 where nothing is promised. */
  static double multiplier(PrivacyEvent event) {
    if (event instanceof PrivacyEvent.Gaussian gaussian) {
      return gaussian.noiseMultiplier();
    }
    if (event instanceof PrivacyEvent.DiscreteGaussian discrete) {
      return discrete.sigma() / discrete.sensitivity();
    }
    if (event instanceof PrivacyEvent.DistributedDiscreteGaussian shares) {
      return shares.shareSigma() * Math.sqrt(shares.shares()) / shares.sensitivity();
    }
    if (event instanceof PrivacyEvent.DistributedSkellam shares) {
      return Math.sqrt(shares.shareVariance() * shares.shares()) / shares.sensitivity();
    }
    if (event instanceof PrivacyEvent.LocalDiscreteLaplace local) {
      return Math.sqrt(2) * local.scale() / local.sensitivity();
    }
    if (event instanceof PrivacyEvent.Laplace laplace) {
      return Math.sqrt(2) * laplace.scale();
    }
    if (event instanceof PrivacyEvent.WholeRun run) {
      return multiplier(run.event());
    }
    return event instanceof PrivacyEvent.NonPrivate ? 0 : multiplier(unsampled(event));
  }

  /** The event with noise {@code factor} times as wide. */
  static PrivacyEvent scaled(PrivacyEvent event, double factor) {
    if (event instanceof PrivacyEvent.Gaussian gaussian) {
      return scaled(gaussian, factor);
    }
    if (event instanceof PrivacyEvent.DiscreteGaussian discrete) {
      return new PrivacyEvent.DiscreteGaussian(discrete.sensitivity(), factor * discrete.sigma());
    }
    if (event instanceof PrivacyEvent.DistributedDiscreteGaussian shares) {
      return new PrivacyEvent.DistributedDiscreteGaussian(
          shares.sensitivity(), factor * shares.shareSigma(), shares.shares(), shares.dimension());
    }
    if (event instanceof PrivacyEvent.DistributedSkellam shares) {
      return new PrivacyEvent.DistributedSkellam(
          shares.sensitivity(),
          factor * factor * shares.shareVariance(),
          shares.shares(),
          shares.dimension());
    }
    if (event instanceof PrivacyEvent.LocalDiscreteLaplace local) {
      return new PrivacyEvent.LocalDiscreteLaplace(local.sensitivity(), factor * local.scale());
    }
    if (event instanceof PrivacyEvent.Laplace laplace) {
      return new PrivacyEvent.Laplace(factor * laplace.scale());
    }
    if (event instanceof PrivacyEvent.PoissonSampled sampled) {
      return new PrivacyEvent.PoissonSampled(sampled.rate(), scaled(sampled.event(), factor));
    }
    if (event instanceof PrivacyEvent.TruncatedPoissonSampled truncated) {
      return new PrivacyEvent.TruncatedPoissonSampled(
          truncated.rate(),
          truncated.population(),
          truncated.cap(),
          scaled(truncated.event(), factor));
    }
    if (event instanceof PrivacyEvent.FixedSizeSampled fixed) {
      return new PrivacyEvent.FixedSizeSampled(
          fixed.population(), fixed.sample(), fixed.floor(), scaled(fixed.event(), factor));
    }
    if (event instanceof PrivacyEvent.WholeRun run) {
      return new PrivacyEvent.WholeRun(
          run.rounds(), run.participations(), run.separation(), scaled(run.event(), factor));
    }
    return event;
  }

  private static PrivacyEvent.Gaussian scaled(PrivacyEvent.Gaussian gaussian, double factor) {
    return new PrivacyEvent.Gaussian(factor * gaussian.noiseMultiplier());
  }

  /** What the event is for somebody who knows who was in the sample. */
  static PrivacyEvent unsampled(PrivacyEvent event) {
    if (event instanceof PrivacyEvent.PoissonSampled sampled) {
      return sampled.event();
    }
    if (event instanceof PrivacyEvent.TruncatedPoissonSampled truncated) {
      return truncated.event();
    }
    return event instanceof PrivacyEvent.FixedSizeSampled fixed ? fixed.event() : event;
  }

  /** Whether there is noise in all that the coordinator sees. */
  static boolean madeByUnits(PrivacyEvent event) {
    return event instanceof PrivacyEvent.DistributedDiscreteGaussian
        || event instanceof PrivacyEvent.DistributedSkellam
        || event instanceof PrivacyEvent.LocalDiscreteLaplace;
  }
}
