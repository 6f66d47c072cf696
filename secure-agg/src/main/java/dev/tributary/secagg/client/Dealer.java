package dev.tributary.secagg.client;

import dev.tributary.secagg.crypto.Hkdf;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.SecretStream;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Neighbours;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Both directions of this client's channels: seals the shares that it deals, once, and opens those
 * that are dealt to it. Keys from other members are agreed when shares are dealt.
 */
final class Dealer {

  private final ClientSecrets secrets;
  private final Members members;
  private final Transcript transcript;
  private final int threshold;
  private final Neighbours neighbours;
  private final Map<Integer, byte[]> incoming = new HashMap<>();
  private final byte[] ciphertexts;
  private final byte[] ownSelfShare = new byte[Shamir.SHARE_LENGTH];
  private final ShareBox box = new ShareBox();

  Dealer(ClientSecrets secrets, Members members, int threshold) {
    this.secrets = secrets;
    this.members = members;
    this.transcript = members.transcript();
    this.threshold = threshold;
    this.neighbours = members.neighbours();
    this.ciphertexts = new byte[ShareBox.CIPHERTEXT * neighbours.holderCount()];
  }

  /**
   * Shares both secrets among the holders and itself, and seals every pair.
   *
   * @return -1, or the index of a member whose channel key is of low order
   */
  int deal() {
    BitSet points = neighbours.holders();
    points.set(members.own());
    int[] x = points.stream().map(j -> j + 1).toArray();
    byte[] maskShares = new byte[x.length * Shamir.SHARE_LENGTH];
    byte[] selfShares = new byte[x.length * Shamir.SHARE_LENGTH];
    SecretStream coefficients = new SecretStream(secrets.coefficientKey);
    Shamir.split(secrets.maskSeed, threshold, x, coefficients, maskShares);
    Shamir.split(secrets.selfSeed, threshold, x, coefficients, selfShares);
    coefficients.wipe();
    int refused = seal(maskShares, selfShares);
    Arrays.fill(maskShares, (byte) 0);
    Arrays.fill(selfShares, (byte) 0);
    return refused;
  }

  private int seal(byte[] maskShares, byte[] selfShares) {
    int own = members.own();
    BitSet peers = neighbours.edges();
    byte[][] shared = new byte[peers.cardinality()][KeyAgreement.LENGTH];
    byte[][] keys = peers.stream().mapToObj(members::channelKey).toArray(byte[][]::new);
    int refused = KeyAgreement.agree(secrets.channelSecret, keys, shared);
    if (refused >= 0) {
      return peers.stream().skip(refused).findFirst().orElseThrow();
    }
    BitSet holders = neighbours.holders();
    BitSet dealers = neighbours.dealers();
    Hkdf hkdf = transcript.afterRoster();
    byte[] prk = new byte[Hkdf.HASH];
    int peer = 0;
    int share = 0;
    peers.set(own);
    for (int j = peers.nextSetBit(0); j >= 0; j = peers.nextSetBit(j + 1)) {
      if (j == own) {
        System.arraycopy(selfShares, share, ownSelfShare, 0, Shamir.SHARE_LENGTH);
        share += Shamir.SHARE_LENGTH;
        continue;
      }
      hkdf.extract(shared[peer], prk);
      Arrays.fill(shared[peer++], (byte) 0);
      if (dealers.get(j)) {
        incoming.put(j, channelKey(hkdf, prk, j, own));
      }
      if (holders.get(j)) {
        sealFor(j, channelKey(hkdf, prk, own, j), maskShares, selfShares, share);
        share += Shamir.SHARE_LENGTH;
      }
    }
    Arrays.fill(prk, (byte) 0);
    hkdf.wipe();
    return -1;
  }

  private byte[] channelKey(Hkdf hkdf, byte[] prk, int src, int dst) {
    byte[] key = new byte[Hkdf.HASH];
    hkdf.expand(prk, transcript.channelInfo(src, dst), key);
    return key;
  }

  /** Seals the pair of shares that stands at {@code share}, and clears the key. */
  private void sealFor(int j, byte[] key, byte[] maskShares, byte[] selfShares, int share) {
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    Labels.putU32(j + 1, plaintext, 0);
    System.arraycopy(maskShares, share, plaintext, 4, Shamir.SHARE_LENGTH);
    System.arraycopy(selfShares, share, plaintext, 4 + Shamir.SHARE_LENGTH, Shamir.SHARE_LENGTH);
    byte[] data = transcript.shareData(members.own(), j, threshold, j + 1);
    box.seal(key, data, plaintext, ciphertexts, ShareBox.CIPHERTEXT * neighbours.place(j));
    Arrays.fill(key, (byte) 0);
    Arrays.fill(plaintext, (byte) 0);
  }

  /** What was sealed, in the order of the roster, itself left out. */
  byte[] ciphertexts() {
    return ciphertexts;
  }

  /**
   * Opens what the sharers dealt to this client. What does not open is not held; the mask of such a
   * member is added all the same.
   *
   * @param dealers of this client that have shared
   * @param sealed 100 bytes for each dealer, in the order of the roster
   */
  Holdings open(BitSet dealers, byte[] sealed) {
    int own = members.own();
    Holdings held = new Holdings(own, ownSelfShare);
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      byte[] key = Objects.requireNonNull(incoming.get(j), "no dealer of this client");
      if (box.open(key, transcript.shareData(j, own, threshold, own + 1), sealed, at, plaintext)) {
        held.add(j, plaintext);
      }
      at += ShareBox.CIPHERTEXT;
    }
    Arrays.fill(plaintext, (byte) 0);
    wipe();
    return held;
  }

  /** Clears the keys of the channels. */
  void wipe() {
    incoming.values().forEach(key -> Arrays.fill(key, (byte) 0));
  }

  /** Clears the keys of the channels, and the share of the own self mask with its holdings'. */
  void destroy() {
    wipe();
    Arrays.fill(ownSelfShare, (byte) 0);
  }

  @Override
  public String toString() {
    return "Dealer[redacted]";
  }
}
