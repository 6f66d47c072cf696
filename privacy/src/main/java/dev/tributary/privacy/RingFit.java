package dev.tributary.privacy;

import java.util.Optional;

/**
 * Proof that a sum of signed integers does not wrap: n B + Tail must be below 2^(w-1), B being the
 * most that one client may send in any coordinate and Tail what the noise of all contributors
 * together passes with probability at most 2^-40 in any of d coordinates: {@link ClientNoise#tail}
 * at ln(2 d 2^40), which is sigma sqrt(2 ln(2 d 2^40)) for Gaussian noise.
 *
 * @param contributors n, most contributions that are summed
 * @param bound B, integer norm bound of one contribution
 * @param tail noise in the ring
 */
record RingFit(int contributors, long bound, long tail) {
  private static final double LN_2_POW_41 = 41 * Math.log(2);

  static RingFit of(PipelineSpec spec) {
    int n = spec.maximumCohort();
    double exponent = LN_2_POW_41 + Math.log((double) spec.encodedLength());
    double tail = spec.clientNoise().map(noise -> noise.tail(n, exponent)).orElse(0.0);
    return new RingFit(n, (long) Math.floor(spec.integerNormBound()), (long) Math.ceil(tail));
  }

  /**
   * x such that the noise of all contributors passes 2^(w-1) - n B, in any of d coordinates and
   * either direction, with probability at most 2^-x: the largest exponent whose tail still fits.
   */
  static double wrapExponent(PipelineSpec spec) {
    int n = spec.maximumCohort();
    double room = Math.scalb(1.0, spec.ringBits() - 1) - n * Math.floor(spec.integerNormBound());
    Optional<ClientNoise> noise = spec.clientNoise();
    if (room <= 0) {
      return 0;
    }
    if (noise.isEmpty()) {
      return Double.POSITIVE_INFINITY;
    }
    double fits = 0;
    double passes = 0x1p40;
    for (int i = 0; i < 100; i++) {
      double middle = (fits + passes) / 2;
      if (noise.get().tail(n, middle) < room) {
        fits = middle;
      } else {
        passes = middle;
      }
    }
    return Math.max(0, (fits - Math.log(2.0 * spec.encodedLength())) / Math.log(2));
  }

  boolean fits(int ringBits) {
    return requiredBits() <= ringBits;
  }

  /** Smallest w with n B + Tail < 2^(w-1); 99 if no ring of 62 bits would do. */
  int requiredBits() {
    double half = (double) contributors * bound + tail;
    if (half >= 0x1p60) {
      return 99;
    }
    return 65 - Long.numberOfLeadingZeros(contributors * bound + tail);
  }

  /** The inequality, with its numbers. */
  String proof(int ringBits) {
    return contributors
        + " x "
        + bound
        + " + "
        + tail
        + " = "
        + (contributors * bound + tail)
        + " < 2^"
        + (ringBits - 1);
  }

  @Override
  public String toString() {
    return contributors + " contributions of at most " + bound + " and noise of at most " + tail;
  }
}
