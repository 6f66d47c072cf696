package dev.tributary.secagg.server;

import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Masks.Mask;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Section 8: reconstructs each needed secret from t shares, checks it against what its owner
 * advertised, and lists the masks that are still in the sum.
 */
final class Recovery {

  /**
   * What came of it.
   *
   * @param masks what remains to be applied to the sum; empty if a dealer is wrong
   * @param wrongDealer roster index of a dealer whose shares give another secret than it
   *     advertised, or -1
   */
  record Outcome(List<Mask> masks, int wrongDealer) {}

  private final Survivors survivors;
  private final Answers answers;
  private final Transcript transcript;
  private final EdgeKeys keys;
  private final Map<BitSet, long[]> weights = new HashMap<>();

  Recovery(Survivors survivors, Answers answers) {
    this.survivors = survivors;
    this.answers = answers;
    this.transcript = survivors.roster.transcript();
    this.keys = new EdgeKeys(transcript);
  }

  Outcome run() {
    List<Mask> masks = new ArrayList<>();
    BitSet sharers = survivors.sharers.indices();
    BitSet alive = survivors.indices();
    for (int j = sharers.nextSetBit(0); j >= 0; j = sharers.nextSetBit(j + 1)) {
      byte[] secret = combine(answers.of(j));
      boolean right =
          secret != null
              && (alive.get(j) ? removeSelfMask(j, secret, masks) : cancelEdges(j, secret, masks));
      if (secret != null) {
        Arrays.fill(secret, (byte) 0);
      }
      if (!right) {
        masks.forEach(Mask::wipe);
        return new Outcome(List.of(), j);
      }
    }
    keys.wipe();
    return new Outcome(masks, -1);
  }

  private byte @Nullable [] combine(List<Answers.Share> shares) {
    BitSet holders = new BitSet();
    int[] points = new int[shares.size()];
    byte[][] bytes = new byte[shares.size()][];
    for (int i = 0; i < points.length; i++) {
      // The order of arrival differs from secret to secret only where holders do.
      points[i] = shares.get(i).holder + 1;
      bytes[i] = shares.get(i).bytes;
      holders.set(points[i]);
    }
    return Shamir.combine(weights(holders, points), inOrder(points, bytes));
  }

  private long[] weights(BitSet holders, int[] points) {
    return weights.computeIfAbsent(
        holders,
        set -> {
          int[] sorted = points.clone();
          Arrays.sort(sorted);
          return Shamir.weights(sorted);
        });
  }

  /** The shares by ascending point, as the cached weights are. */
  private static byte[][] inOrder(int[] points, byte[][] shares) {
    Integer[] order = new Integer[points.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Integer.compare(points[a], points[b]));
    byte[][] sorted = new byte[shares.length][];
    Arrays.setAll(sorted, i -> shares[order[i]]);
    return sorted;
  }

  private boolean removeSelfMask(int j, byte[] selfSeed, List<Mask> masks) {
    AdvertiseKeys member = survivors.roster.members().get(j);
    byte[] commitment =
        transcript.selfCommitment(
            member.getIdentityKey().toByteArray(), member.getClientNonce().toByteArray(), selfSeed);
    if (!Arrays.equals(commitment, member.getSelfCommitment().toByteArray())) {
      return false;
    }
    masks.add(new Mask(keys.self(selfSeed, j), false));
    return true;
  }

  /** Survivor i has added sgn(i - j) PRG(s_ij); the same is taken away again. */
  private boolean cancelEdges(int j, byte[] maskSeed, List<Mask> masks) {
    AdvertiseKeys member = survivors.roster.members().get(j);
    byte[] secret = transcript.maskSecret(maskSeed, member.getIdentityKey().toByteArray());
    byte[][] edges = null;
    if (Arrays.equals(KeyAgreement.publicKey(secret), member.getMaskKey().toByteArray())) {
      edges =
          keys.edges(
              secret,
              j,
              survivors.indices(),
              survivors.indices().stream()
                  .mapToObj(i -> survivors.roster.members().get(i).getMaskKey().toByteArray())
                  .toArray(byte[][]::new));
    }
    Arrays.fill(secret, (byte) 0);
    if (edges == null) {
      return false;
    }
    int at = 0;
    BitSet alive = survivors.indices();
    for (int i = alive.nextSetBit(0); i >= 0; i = alive.nextSetBit(i + 1)) {
      masks.add(new Mask(edges[at++], i < j));
    }
    return true;
  }
}
