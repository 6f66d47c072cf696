package dev.tributary.privacy;

import java.util.HashSet;
import java.util.List;
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

  /** What one round releases about one client that contributes to it. */
  public PrivacyEvent event() {
    if (mechanism instanceof Mechanism.CentralGaussian central) {
      return new PrivacyEvent.DiscreteGaussian(
          integerNormBound(), central.noiseMultiplier() * clipNorm / gridStep);
    }
    if (mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed) {
      return new PrivacyEvent.DistributedDiscreteGaussian(
          integerNormBound(),
          shareSigma(distributed),
          distributed.minimumHonest(),
          encodedLength());
    }
    return new PrivacyEvent.NonPrivate();
  }

  private double shareSigma(Mechanism.DistributedDiscreteGaussian distributed) {
    return distributed.noiseMultiplier()
        * clipNorm
        / (gridStep * Math.sqrt(distributed.minimumHonest()));
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
    if (mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed
        && honestContributions < distributed.minimumHonest()) {
      throw new PipelineException(
          "no release: "
              + honestContributions
              + " honest contributions, and the noise needs "
              + distributed.minimumHonest()
              + ". Run the round again as a new one, with a larger cohort");
    }
  }

  /** Standard deviation of one client's noise share in grid units; 0 if clients make no noise. */
  double shareSigma() {
    return mechanism instanceof Mechanism.DistributedDiscreteGaussian distributed
        ? shareSigma(distributed)
        : 0;
  }
}
