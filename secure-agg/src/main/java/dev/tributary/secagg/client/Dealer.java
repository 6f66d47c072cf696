package dev.tributary.secagg.client;

import dev.tributary.secagg.crypto.Hkdf;
import dev.tributary.secagg.crypto.KeyAgreement;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.SecretStream;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.secagg.crypto.Transcript;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Both directions of this client's channels: seals the shares that it deals, once, and opens those
 * that are dealt to it. Keys from other members are agreed when shares are dealt.
 */
final class Dealer {

  private final ClientSecrets secrets;
  private final Members members;
  private final Transcript transcript;
  private final int threshold;
  private final byte[][] incoming;
  private final byte[] ciphertexts;
  private final byte[] ownSelfShare = new byte[Shamir.SHARE_LENGTH];
  private final ShareBox box = new ShareBox();

  Dealer(ClientSecrets secrets, Members members, int threshold) {
    this.secrets = secrets;
    this.members = members;
    this.transcript = members.transcript();
    this.threshold = threshold;
    this.incoming = new byte[members.size()][];
    this.ciphertexts = new byte[ShareBox.CIPHERTEXT * (members.size() - 1)];
  }

  /**
   * Shares both secrets among all members and seals every pair.
   *
   * @return -1, or the index of a member whose channel key is of low order
   */
  int deal() {
    int n = members.size();
    int own = members.own();
    byte[] maskShares = new byte[n * Shamir.SHARE_LENGTH];
    byte[] selfShares = new byte[n * Shamir.SHARE_LENGTH];
    SecretStream coefficients = new SecretStream(secrets.coefficientKey);
    Shamir.split(secrets.maskSeed, threshold, n, coefficients, maskShares);
    Shamir.split(secrets.selfSeed, threshold, n, coefficients, selfShares);
    coefficients.wipe();
    System.arraycopy(selfShares, own * Shamir.SHARE_LENGTH, ownSelfShare, 0, Shamir.SHARE_LENGTH);
    int refused = seal(maskShares, selfShares);
    Arrays.fill(maskShares, (byte) 0);
    Arrays.fill(selfShares, (byte) 0);
    return refused;
  }

  private int seal(byte[] maskShares, byte[] selfShares) {
    int own = members.own();
    Hkdf hkdf = transcript.afterRoster();
    byte[][] shared = new byte[members.size() - 1][KeyAgreement.LENGTH];
    int refused = agree(shared);
    if (refused >= 0) {
      return refused;
    }
    byte[] prk = new byte[Hkdf.HASH];
    byte[] outgoing = new byte[Hkdf.HASH];
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    int at = 0;
    for (int j = 0; j < members.size(); j++) {
      if (j == own) {
        continue;
      }
      byte[] secret = shared[j < own ? j : j - 1];
      hkdf.extract(secret, prk);
      Arrays.fill(secret, (byte) 0);
      hkdf.expand(prk, transcript.channelInfo(own, j), outgoing);
      incoming[j] = new byte[Hkdf.HASH];
      hkdf.expand(prk, transcript.channelInfo(j, own), incoming[j]);
      Labels.putU32(j + 1, plaintext, 0);
      System.arraycopy(maskShares, j * Shamir.SHARE_LENGTH, plaintext, 4, Shamir.SHARE_LENGTH);
      System.arraycopy(
          selfShares,
          j * Shamir.SHARE_LENGTH,
          plaintext,
          4 + Shamir.SHARE_LENGTH,
          Shamir.SHARE_LENGTH);
      box.seal(
          outgoing, transcript.shareData(own, j, threshold, j + 1), plaintext, ciphertexts, at);
      at += ShareBox.CIPHERTEXT;
    }
    Arrays.fill(prk, (byte) 0);
    Arrays.fill(outgoing, (byte) 0);
    Arrays.fill(plaintext, (byte) 0);
    hkdf.wipe();
    return -1;
  }

  /** Agrees with all others, in the order of the roster. */
  private int agree(byte[][] shared) {
    int own = members.own();
    byte[][] keys =
        IntStream.range(0, members.size())
            .filter(j -> j != own)
            .mapToObj(members::channelKey)
            .toArray(byte[][]::new);
    int refused = KeyAgreement.agree(secrets.channelSecret, keys, shared);
    return refused < own ? refused : refused + 1;
  }

  /** What was sealed, in the order of the roster, itself left out. */
  byte[] ciphertexts() {
    return ciphertexts;
  }

  /**
   * Opens what the sharers dealt to this client. What does not open is not held; the mask of such a
   * member is added all the same.
   *
   * @param sealed 100 bytes for each sharer but itself, in the order of the roster
   */
  Holdings open(BitSet sharers, byte[] sealed) {
    int own = members.own();
    Holdings held = new Holdings(members.size(), own, ownSelfShare);
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    int at = 0;
    for (int j = sharers.nextSetBit(0); j >= 0; j = sharers.nextSetBit(j + 1)) {
      if (j == own) {
        continue;
      }
      if (box.open(
          incoming[j], transcript.shareData(j, own, threshold, own + 1), sealed, at, plaintext)) {
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
    for (byte[] key : incoming) {
      if (key != null) {
        Arrays.fill(key, (byte) 0);
      }
    }
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
