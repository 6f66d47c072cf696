package dev.tributary.secagg.crypto;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * AES keys of masks, derived from agreed or self-made secrets after the roster (section 6). Both
 * ends of an edge, and the coordinator that recovers a lost member's secret, derive the same. Not
 * thread-safe.
 */
public final class EdgeKeys {

  /** Every session adds one vector. */
  private static final int VECTOR = 0;

  private final Transcript transcript;
  private final Hkdf hkdf;
  private final byte[] prgInfo;
  private final byte[] shared = new byte[KeyAgreement.LENGTH];
  private final byte[] prk = new byte[Hkdf.HASH];
  private final byte[] seed = new byte[Hkdf.HASH];

  /** Keys of this session. */
  public EdgeKeys(Transcript transcript) {
    this.transcript = transcript;
    this.hkdf = transcript.afterRoster();
    this.prgInfo = transcript.prgInfo(VECTOR);
  }

  /**
   * The key of the mask between roster indices i and j.
   *
   * @param maskSecret of one end
   * @param maskKey of the other end
   * @return 32 bytes, or null if the agreement is all zero
   */
  public byte @Nullable [] edge(byte[] maskSecret, byte[] maskKey, int i, int j) {
    if (!KeyAgreement.agree(maskSecret, maskKey, shared)) {
      return null;
    }
    return key(shared, transcript.edgeInfo(i, j));
  }

  /** The key of the self mask of roster index i. */
  public byte[] self(byte[] selfSeed, int i) {
    return key(selfSeed, transcript.selfInfo(i));
  }

  private byte[] key(byte[] secret, byte[] info) {
    hkdf.extract(secret, prk);
    hkdf.expand(prk, info, seed);
    byte[] key = new byte[Hkdf.HASH];
    hkdf.extract(seed, prk);
    hkdf.expand(prk, prgInfo, key);
    return key;
  }

  /** Clears the buffers. */
  public void wipe() {
    Arrays.fill(shared, (byte) 0);
    Arrays.fill(prk, (byte) 0);
    Arrays.fill(seed, (byte) 0);
    hkdf.wipe();
  }
}
