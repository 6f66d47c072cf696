package dev.tributary.privacy;

import dev.tributary.privacy.correlated.CorrelatedNoise;
import dev.tributary.privacy.correlated.Schedule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything both ends must agree on to turn an update into ring elements and a sum of them back
 * into a sum of updates. Length, ring, noise and sensitivity come from this one object.
 *
 * @param segments the update's parts, in order
 * @param clipNorm C, l2 bound of the whole update (model units)
 * @param gridStep gamma, model units per integer
 * @param ringBits w, 2 to 32
 * @param maximumCohort most contributions that are ever summed
 * @param rotationSeed 32 bytes in lower-case hexadecimal, public, fresh for each round
 */
public record PipelineSpec(
    List<Segment> segments,
    double clipNorm,
    double gridStep,
    int ringBits,
    int maximumCohort,
    Mechanism mechanism,
    String rotationSeed) {
  /** Largest padded length: the elements of one array. */
  static final int MAXIMUM_LENGTH = 1 << 30;

  public PipelineSpec {
    segments = List.copyOf(segments);
    try {
      if (segments.isEmpty()) {
        throw new IllegalArgumentException("an update needs at least one segment");
      }
      checkNames(segments);
      Checks.positive("clipNorm", clipNorm);
      Checks.positive("gridStep", gridStep);
      Checks.atLeast("maximumCohort", 1, maximumCohort);
      if (ringBits < 2 || ringBits > 32) {
        throw new IllegalArgumentException("ringBits must be 2 to 32, was " + ringBits);
      }
      if (!rotationSeed.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException("rotationSeed must be 64 lower-case hexadecimal digits");
      }
    } catch (IllegalArgumentException e) {
      throw new PipelineException(String.valueOf(e.getMessage()));
    }
  }

  private static void checkNames(List<Segment> segments) {
    Set<String> names = new HashSet<>();
    long total = 0;
    for (Segment segment : segments) {
      if (!names.add(segment.name())) {
        throw new IllegalArgumentException("segment name twice: " + segment.name());
      }
      total += segment.length();
    }
    if (total > MAXIMUM_LENGTH) {
      throw new IllegalArgumentException(
          "an update holds at most " + MAXIMUM_LENGTH + " floats, was " + total);
    }
  }

  /** d, floats of the update: all segments together. */
  public int inputLength() {
    return segments.stream().mapToInt(Segment::length).sum();
  }

  /** Ring elements of the encoded update: d with its last block padded to a power of two. */
  public int encodedLength() {
    return new Blocks(inputLength()).encodedLength();
  }

  /** Delta~: l2 bound of the integer vector that a client may send, in grid units. */
  public double integerNormBound() {
    return RoundedNorm.l2Bound(clipNorm / gridStep, RoundedNorm.BETA, encodedLength());
  }

  /**
   * x such that the sum of a round of honest clients wraps in any coordinate with probability at
   * most 2^-x; infinite where clients add no noise, 0 where their plain values could wrap. {@link
   * #check} asks for 40. A sum that wraps is of no use; what it tells is protected all the same.
   */
  public double wrapExponent() {
    return RingFit.wrapExponent(this);
  }

  /**
   * The run of correlated noise that the rounds' sums get, in grid units.
   *
   * @throws IllegalStateException if the mechanism is another
   */
  public CorrelatedNoise.Run correlated() {
    if (!(mechanism instanceof Mechanism.CentralCorrelated central)) {
      throw new IllegalStateException("there is no correlated noise with " + mechanism.id());
    }
    return new CorrelatedNoise.Run(
        central.strategy(),
        central.schedule(),
        encodedLength(),
        integerNormBound(),
        central.noiseMultiplier());
  }

  /** What one round releases about one client that contributes to it. */
  public PrivacyEvent event() {
    if (mechanism instanceof Mechanism.CentralGaussian) {
      return new PrivacyEvent.DiscreteGaussian(integerNormBound(), sigma());
    }
    if (mechanism instanceof Mechanism.CentralCorrelated) {
      CorrelatedNoise.Run run = correlated();
      Schedule schedule = run.schedule();
      return new PrivacyEvent.WholeRun(
          schedule.rounds(), schedule.participations(), schedule.separation(), run.event());
    }
    if (mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed) {
      int shares = distributed.minimumHonest();
      return new PrivacyEvent.DistributedDiscreteGaussian(
          integerNormBound(), shareSigma(shares), shares, encodedLength());
    }
    if (mechanism instanceof Mechanism.DistributedSkellam distributed) {
      int shares = distributed.minimumHonest();
      return new PrivacyEvent.DistributedSkellam(
          integerNormBound(), sigma() * sigma() / shares, shares, encodedLength());
    }
    if (mechanism instanceof Mechanism.LocalGaussian) {
      return new PrivacyEvent.DistributedDiscreteGaussian(
          integerNormBound(), sigma(), 1, encodedLength());
    }
    if (mechanism instanceof Mechanism.LocalLaplace laplace) {
      double sensitivity = RoundedNorm.l1Bound(integerNormBound(), encodedLength());
      return new PrivacyEvent.LocalDiscreteLaplace(
          sensitivity, laplace.noiseMultiplier() * sensitivity);
    }
    return new PrivacyEvent.NonPrivate();
  }

  /**
   * Standard deviation z C / gamma, in grid units: a function of z and C / gamma alone, so that a
   * clip norm that changes together with its grid leaves the event as it is.
   */
  private double sigma() {
    return mechanism.noiseMultiplier() * (clipNorm / gridStep);
  }

  private double shareSigma(int shares) {
    return sigma() / Math.sqrt(shares);
  }

  /**
   * Proves that the pipeline holds what it promises: no sum can wrap but with probability 2^-40 a
   * round, the shares are wide enough to add up to a Gaussian, and the integer norm check cannot
   * overflow.
   *
   * @throws PipelineException with the bound, the value and a way out
   */
  public void check() {
    PipelineCheck.check(this);
  }

  /**
   * Refuses to release a sum that holds too few noise shares.
   *
   * @param honestContributions contributions whose shares are not known to an adversary: survivors
   *     less colluders
   * @throws PipelineException below n_min; then there is no release, whatever the sum says
   */
  public void checkRelease(int honestContributions) {
    if (mechanism instanceof Mechanism.Distributed distributed
        && honestContributions < distributed.minimumHonest()) {
      throw new PipelineException(
          "no release: "
              + honestContributions
              + " honest contributions, and the noise needs "
              + distributed.minimumHonest()
              + ". Run the round again as a new one, with a larger cohort");
    }
  }

  /** What each client adds to each coordinate: its part of {@link #event()}. */
  Optional<ClientNoise> clientNoise() {
    PrivacyEvent event = event();
    if (event instanceof PrivacyEvent.DistributedDiscreteGaussian gaussian) {
      return Optional.of(new ClientNoise.Gaussian(gaussian.shareSigma()));
    }
    if (event instanceof PrivacyEvent.DistributedSkellam skellam) {
      return Optional.of(new ClientNoise.Skellam(skellam.shareVariance()));
    }
    if (event instanceof PrivacyEvent.LocalDiscreteLaplace laplace) {
      return Optional.of(new ClientNoise.Laplace(laplace.scale()));
    }
    return Optional.empty();
  }
}
