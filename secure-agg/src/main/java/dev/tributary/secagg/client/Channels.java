package dev.tributary.secagg.client;

import dev.tributary.secagg.crypto.Hkdf;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.secagg.crypto.Transcript;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keys of the channels from and to other members, one for each direction: HKDF over the X25519
 * secret of both and, in a post-quantum session, the ML-KEM-768 secret that the sender
 * encapsulated. The roster's root, its salt, fixes all public keys; its info the ciphertext.
 */
final class Channels {

  private static final byte[] NONE = new byte[0];

  private final ClientSecrets secrets;
  private final Members members;
  private final Transcript transcript;
  private final Hkdf hkdf;
  private final byte[] prk = new byte[Hkdf.HASH];
  private final Map<Integer, byte[]> agreed = new HashMap<>();
  private final @Nullable MlKem768 kem;

  /**
   * Channels of this client.
   *
   * @param postQuantum whether ML-KEM-768 joins X25519
   */
  Channels(ClientSecrets secrets, Members members, boolean postQuantum) {
    this.secrets = secrets;
    this.members = members;
    this.transcript = members.transcript();
    this.hkdf = transcript.afterRoster();
    this.kem =
        postQuantum
            ? transcript.channelKem(secrets.channelKemSeed, members.identityKey(members.own()))
            : null;
  }

  /**
   * Agrees with all of these members.
   *
   * @return -1, or the index of one whose channel key is of low order
   */
  int agree(BitSet others) {
    int[] indices = others.stream().toArray();
    byte[][] keys = others.stream().mapToObj(members::channelKey).toArray(byte[][]::new);
    byte[][] shared = new byte[indices.length][KeyAgreement.LENGTH];
    int refused = KeyAgreement.agree(secrets.channelSecret, keys, shared);
    for (int k = 0; k < indices.length; k++) {
      agreed.put(indices[k], shared[k]);
    }
    return refused < 0 ? -1 : indices[refused];
  }

  /**
   * The key of the channel to a member that was agreed with.
   *
   * @param into receives, in a post-quantum session, a ciphertext of 1088 bytes from {@code at} on,
   *     which that member needs
   */
  byte[] outgoing(int target, byte[] into, int at) {
    if (kem == null) {
      return key(members.own(), target, with(target), NONE, NONE);
    }
    byte[] coins = transcript.channelCoins(secrets.channelKemSeed, target);
    byte[] secret = MlKem768.encapsulate(members.channelKemKey(target), coins, into, at);
    Arrays.fill(coins, (byte) 0);
    byte[] ciphertext = Arrays.copyOfRange(into, at, at + MlKem768.CIPHERTEXT);
    return key(members.own(), target, with(target), secret, Labels.sha256(ciphertext));
  }

  /** The key of the channel from a member that was agreed with and sent these bytes. */
  byte[] incoming(int source, byte[] from, int at) {
    if (kem == null) {
      return key(source, members.own(), with(source), NONE, NONE);
    }
    byte[] ciphertext = Arrays.copyOfRange(from, at, at + MlKem768.CIPHERTEXT);
    byte[] secret = kem.decapsulate(ciphertext);
    return key(source, members.own(), with(source), secret, Labels.sha256(ciphertext));
  }

  private byte[] with(int member) {
    return Objects.requireNonNull(agreed.get(member), "no neighbour of this client");
  }

  private byte[] key(
      int source, int target, byte[] agreement, byte[] encapsulated, byte[] ciphertextSha256) {
    byte[] key = new byte[Hkdf.HASH];
    hkdf.extract(agreement, encapsulated, prk);
    hkdf.expand(prk, transcript.channelInfo(source, target, ciphertextSha256), key);
    Arrays.fill(encapsulated, (byte) 0);
    return key;
  }

  /** Clears what was agreed; no key is made any more. */
  void wipe() {
    agreed.values().forEach(secret -> Arrays.fill(secret, (byte) 0));
    if (kem != null) {
      kem.wipe();
    }
    Arrays.fill(prk, (byte) 0);
    hkdf.wipe();
  }

  @Override
  public String toString() {
    return "Channels[redacted]";
  }
}
