package dev.tributary.secagg.crypto;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * AES keys of masks, derived from agreed or self-made secrets after the roster (section 6). Both
 * ends of an edge, and the coordinator that recovers a lost member's secret, derive the same. Not
 * thread-safe.
 */
public final class EdgeKeys {

  /** Every session adds one vector. */
  private static final int VECTOR = 0;

  private static final byte[] NONE = new byte[0];

  private final Transcript transcript;
  private final Hkdf hkdf;
  private final byte[] prgInfo;
  private final byte[] prk = new byte[Hkdf.HASH];
  private final byte[] seed = new byte[Hkdf.HASH];

  /** Keys of this session. */
  public EdgeKeys(Transcript transcript) {
    this.transcript = transcript;
    this.hkdf = transcript.afterRoster();
    this.prgInfo = transcript.prgInfo(VECTOR);
  }

  /**
   * The keys of the masks between roster index i and others.
   *
   * @param maskSecret of i
   * @param maskKeys of the others, in ascending order
   * @param kem the ML-KEM half of i with all of them; null in a session without it
   * @return 32 bytes for each of the others, in ascending order, or null if an agreement is all
   *     zero
   */
  public byte @Nullable [][] edges(
      byte[] maskSecret, int i, BitSet others, byte[][] maskKeys, @Nullable EdgeKem kem) {
    byte[][] shared = new byte[maskKeys.length][KeyAgreement.LENGTH];
    if (KeyAgreement.agree(maskSecret, maskKeys, shared) >= 0) {
      return null;
    }
    byte[][] edges = new byte[maskKeys.length][];
    int at = 0;
    for (int j = others.nextSetBit(0); j >= 0; j = others.nextSetBit(j + 1)) {
      edges[at] =
          kem == null
              ? key(shared[at], NONE, transcript.edgeInfo(i, j, NONE))
              : key(shared[at], kem.secret(j), transcript.edgeInfo(i, j, kem.ciphertextSha256(j)));
      Arrays.fill(shared[at++], (byte) 0);
    }
    return edges;
  }

  /** The key of the self mask of roster index i. */
  public byte[] self(byte[] selfSeed, int i) {
    return key(selfSeed, NONE, transcript.selfInfo(i));
  }

  private byte[] key(byte[] secret, byte[] encapsulated, byte[] info) {
    hkdf.extract(secret, encapsulated, prk);
    hkdf.expand(prk, info, seed);
    byte[] key = new byte[Hkdf.HASH];
    hkdf.extract(seed, prk);
    hkdf.expand(prk, prgInfo, key);
    return key;
  }

  /** Clears the buffers. */
  public void wipe() {
    Arrays.fill(prk, (byte) 0);
    Arrays.fill(seed, (byte) 0);
    hkdf.wipe();
  }
}
