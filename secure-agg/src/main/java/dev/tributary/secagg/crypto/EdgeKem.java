package dev.tributary.secagg.crypto;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The ML-KEM-768 half of the mask keys between one member and others: to each above it in the
 * roster it encapsulates with coins from its mask seed, and it decapsulates what each below it
 * sent. Whoever has the mask seed makes all of it again, which is how a lost member's masks are
 * found and its ciphertexts checked (section 8). Wiped by {@link #wipe()}; prints nothing. Not
 * thread-safe.
 */
public final class EdgeKem {

  private static final class Half {

    private final byte[] secret;
    private final byte[] ciphertextSha256;

    private Half(byte[] secret, byte[] ciphertextSha256) {
      this.secret = secret;
      this.ciphertextSha256 = ciphertextSha256;
    }
  }

  private final Transcript transcript;
  private final byte[] maskSeed;
  private final MlKem768 pair;
  private final Map<Integer, Half> halves = new HashMap<>();

  /**
   * The half of one member.
   *
   * @param transcript from the roster on
   * @param maskSeed 32 bytes; read until the last encapsulation, and wiped by its owner
   */
  public EdgeKem(Transcript transcript, byte[] maskSeed, byte[] identityKey) {
    this.transcript = transcript;
    this.maskSeed = maskSeed;
    this.pair = transcript.maskKem(maskSeed, identityKey);
  }

  /** The member's public key for masks, 1184 bytes. */
  public byte[] publicKey() {
    return pair.publicKey();
  }

  /**
   * Encapsulates to a member above this one.
   *
   * @param publicKey of roster index j
   * @return the ciphertext, 1088 bytes: the same whenever it is made
   */
  public byte[] encapsulate(int j, byte[] publicKey) {
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
    byte[] coins = transcript.maskCoins(maskSeed, j);
    byte[] secret = MlKem768.encapsulate(publicKey, coins, ciphertext, 0);
    Arrays.fill(coins, (byte) 0);
    keep(j, secret, ciphertext);
    return ciphertext;
  }

  /** Decapsulates what roster index j, below this member, sent: 1088 bytes. */
  public void decapsulate(int j, byte[] ciphertext) {
    keep(j, pair.decapsulate(ciphertext), ciphertext);
  }

  private void keep(int j, byte[] secret, byte[] ciphertext) {
    halves.put(j, new Half(secret, Labels.sha256(ciphertext)));
  }

  /** The shared secret with roster index j, 32 bytes, not a copy. */
  byte[] secret(int j) {
    return half(j).secret;
  }

  /** SHA-256 of the ciphertext between this member and roster index j. */
  public byte[] ciphertextSha256(int j) {
    return half(j).ciphertextSha256;
  }

  private Half half(int j) {
    Half half = halves.get(j);
    if (half == null) {
      throw new IllegalStateException("no ciphertext between this member and " + j);
    }
    return half;
  }

  /** Clears the secrets and lets go of the secret key. */
  public void wipe() {
    pair.wipe();
    halves.values().forEach(half -> Arrays.fill(half.secret, (byte) 0));
    halves.clear();
  }

  @Override
  public String toString() {
    return "EdgeKem[redacted]";
  }
}
