package dev.tributary.secagg;

import dev.tributary.wire.RingPacking;
import java.util.List;

/** Steps of the suites and what one member may send in each. */
public final class SumSteps {

  /** R0. */
  public static final String ADVERTISE = "advertise";

  /** R1. */
  public static final String SHARE = "share";

  /** R2. */
  public static final String INPUT = "input";

  /** R3. */
  public static final String SIGN = "sign";

  /** R4. */
  public static final String UNMASK = "unmask";

  /** Bytes of an envelope beside its long fields: session id, tags, lengths, small fields. */
  private static final int ENVELOPE = 128;

  /** A ciphertext of a pair of shares. */
  public static final int CIPHERTEXT = 100;

  /** A share. */
  public static final int SHARE_LENGTH = 40;

  private SumSteps() {}

  static List<Step> sa1(SumParameters p) {
    int n = p.clients();
    return List.of(
        new Step(ADVERTISE, Role.CLIENT, 0.1, ENVELOPE + Certificate.MAXIMUM_LENGTH + 5 * 32 + 64),
        new Step(SHARE, Role.CLIENT, 0.1, ENVELOPE + (long) CIPHERTEXT * (n - 1) + 64),
        inputStep(p, 0.6),
        new Step(SIGN, Role.CLIENT, 0.1, ENVELOPE + 64),
        new Step(UNMASK, Role.CLIENT, 0.1, ENVELOPE + (long) SHARE_LENGTH * n + 2L * (n / 8 + 1)));
  }

  /** The step in which inputs travel. */
  public static Step inputStep(SumParameters p, double share) {
    return new Step(
        INPUT,
        Role.CLIENT,
        share,
        ENVELOPE + 32 + 64 + RingPacking.packedLength(p.length(), p.ringBits()));
  }
}
