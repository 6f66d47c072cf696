package dev.tributary.secagg;

import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.wire.RingPacking;
import java.util.ArrayList;
import java.util.List;

/** Steps of the suites and what one member may send in each. */
public final class SumSteps {

  /** R0. */
  public static final String ADVERTISE = "advertise";

  /** R1a of the client-chosen graph. */
  public static final String CHOOSE = "choose";

  /** R1. */
  public static final String SHARE = "share";

  /** R2. */
  public static final String INPUT = "input";

  /** R3. */
  public static final String SIGN = "sign";

  /** R4 of a sampled quorum: the draw. */
  public static final String SAMPLE = "sample";

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
    boolean chosen = p.graph() == Topology.Graph.OUT_NEIGHBOURS;
    int holders = p.degree() == 0 ? n - 1 : p.degree();
    // Everybody may have chosen the same member.
    int dealers = chosen ? n - 1 : holders;
    int kemKeys = p.postQuantum() ? 2 * MlKem768.PUBLIC_KEY : 0;
    long sealed = (long) sealedLength(p) * holders + maskCiphertexts(p, holders);
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Step(
            ADVERTISE,
            Role.CLIENT,
            0.1,
            ENVELOPE + Certificate.MAXIMUM_LENGTH + 5 * 32 + kemKeys + 64));
    if (chosen) {
      steps.add(new Step(CHOOSE, Role.CLIENT, 0.1, ENVELOPE + 4L * holders + 64));
    }
    steps.add(new Step(SHARE, Role.CLIENT, 0.1, ENVELOPE + sealed + 64));
    steps.add(inputStep(p, p.sample() > 0 ? 0.4 : chosen ? 0.5 : 0.6));
    steps.add(new Step(SIGN, Role.CLIENT, 0.1, ENVELOPE + 64));
    if (p.sample() > 0) {
      steps.add(new Step(SAMPLE, Role.CLIENT, 0.1, ENVELOPE + 4L * p.sample()));
    }
    steps.add(
        new Step(
            UNMASK, Role.CLIENT, 0.1, ENVELOPE + SHARE_LENGTH * (dealers + 1L) + 2L * (n / 8 + 1)));
    return List.copyOf(steps);
  }

  /** Bytes that carry a pair of shares: a ciphertext, after one of ML-KEM where there is one. */
  public static int sealedLength(SumParameters p) {
    return p.postQuantum() ? MlKem768.CIPHERTEXT + CIPHERTEXT : CIPHERTEXT;
  }

  /** Bytes of this many mask ciphertexts; none in a session without ML-KEM. */
  public static int maskCiphertexts(SumParameters p, int count) {
    return p.postQuantum() ? MlKem768.CIPHERTEXT * count : 0;
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
