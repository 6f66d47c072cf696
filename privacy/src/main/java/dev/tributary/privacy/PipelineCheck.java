package dev.tributary.privacy;

import java.util.Optional;

/** The proofs behind {@link PipelineSpec#check()}. */
final class PipelineCheck {
  private static final double LEAST_SHARE_SIGMA = 0.5;
  private static final double MOST_DISTANCE = 1e-3;

  private PipelineCheck() {}

  static void check(PipelineSpec spec) {
    Optional<String> violation = violation(spec);
    if (violation.isPresent()) {
      throw new PipelineException(violation.get());
    }
  }

  /** What is wrong and what would do, or empty. */
  static Optional<String> violation(PipelineSpec spec) {
    if (spec.integerNormBound() > IntegerNorm.MOST) {
      return Optional.of(
          "a clip norm of "
              + spec.integerNormBound()
              + " grid steps is beyond 2^30, where the norm check stays exact. Raise gridStep");
    }
    return shares(spec).or(() -> ring(spec));
  }

  private static Optional<String> shares(PipelineSpec spec) {
    if (spec.mechanism() instanceof Mechanism.Distributed distributed
        && distributed.minimumHonest() > spec.maximumCohort()) {
      return Optional.of(
          "noise shares count on "
              + distributed.minimumHonest()
              + " honest contributions, but a cohort has at most "
              + spec.maximumCohort()
              + ". Lower minimumHonest or raise maximumCohort");
    }
    return spec.clientNoise().flatMap(ClientNoise::violation).or(() -> tooNarrow(spec));
  }

  private static Optional<String> tooNarrow(PipelineSpec spec) {
    if (!(spec.event() instanceof PrivacyEvent.DistributedDiscreteGaussian event)
        || event.shareSigma() >= LEAST_SHARE_SIGMA) {
      return Optional.empty();
    }
    double distance =
        SumOfDiscreteGaussians.tau(event.shares(), event.shareSigma()) * spec.encodedLength();
    return distance < MOST_DISTANCE
        ? Optional.empty()
        : Optional.of(
            "a noise share of "
                + event.shareSigma()
                + " grid steps is too narrow: sums of such shares are not Gaussian (tau d = "
                + distance
                + "). It must be >= 0.5: lower gridStep or raise the noise multiplier");
  }

  private static Optional<String> ring(PipelineSpec spec) {
    RingFit fit = RingFit.of(spec);
    if (fit.fits(spec.ringBits())) {
      return Optional.empty();
    }
    return Optional.of(
        "a ring of "
            + spec.ringBits()
            + " bits wraps: "
            + fit
            + " need "
            + fit.requiredBits()
            + " bits. Raise ringBits or gridStep, or lower maximumCohort");
  }
}
