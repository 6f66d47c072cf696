package dev.tributary.privacy;

import java.util.Arrays;

/**
 * One client's encoded update, ready to be masked. Holds the array that the pipeline filled, not a
 * copy: it is one of the largest objects of a round, and whoever masks it wipes it.
 */
public final class Contribution {
  /**
   * What became of the update on its way into the ring. Stays on the client: it depends on data.
   */
  public enum Outcome {
    /** Within the clip norm, encoded as it was. */
    ENCODED,
    /** Scaled down to the clip norm. */
    CLIPPED,
    /** Held a NaN or an infinity: zero and the noise share are sent in its place. */
    ZEROED_NOT_FINITE,
    /** No rounding kept the norm bound: zero and the noise share are sent in its place. */
    ZEROED_ROUNDING
  }

  private final int[] ring;
  private final Outcome outcome;

  Contribution(int[] ring, Outcome outcome) {
    this.ring = ring;
    this.outcome = outcome;
  }

  /** Z_2^w[encodedLength], in the low w bits; the array itself. */
  public int[] ring() {
    return ring;
  }

  public Outcome outcome() {
    return outcome;
  }

  /** Overwrites the values. */
  public void destroy() {
    Arrays.fill(ring, 0);
  }

  @Override
  public String toString() {
    return "Contribution[" + ring.length + " ring elements, redacted]";
  }
}
