package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.EdgeKem;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.secagg.crypto.SecretStream;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareBox;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.wire.v1.ShareKeys;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Seals the shares that this client deals, once, and opens those that are dealt to it. In a
 * post-quantum session it also sends mask ciphertexts to the neighbours above it in the roster, and
 * takes those of the neighbours below.
 */
final class Dealer {

  private static final byte[] NONE = new byte[0];

  private final ClientSecrets secrets;
  private final Members members;
  private final Transcript transcript;
  private final int threshold;
  private final Neighbours neighbours;
  private final int sealedLength;
  private final Channels channels;
  private final @Nullable EdgeKem kem;
  private final byte[] ownSelfShare = new byte[Shamir.SHARE_LENGTH];
  private final ShareBox box = new ShareBox();
  private final ShareKeys.Builder dealt = ShareKeys.newBuilder();

  Dealer(ClientSecrets secrets, Members members, SumParameters parameters) {
    this.secrets = secrets;
    this.members = members;
    this.transcript = members.transcript();
    this.threshold = parameters.threshold();
    this.neighbours = members.neighbours();
    this.sealedLength = SumSteps.sealedLength(parameters);
    this.channels = new Channels(secrets, members, parameters.postQuantum());
    this.kem =
        parameters.postQuantum()
            ? new EdgeKem(transcript, secrets.maskSeed, members.identityKey(members.own()))
            : null;
  }

  /**
   * Shares both secrets among the holders and itself, and seals every pair.
   *
   * @return -1, or the index of a member whose channel key is of low order
   */
  int deal() {
    int refused = channels.agree(neighbours.edges());
    if (refused >= 0) {
      return refused;
    }
    encapsulate();
    BitSet points = neighbours.holders();
    points.set(members.own());
    int[] x = points.stream().map(j -> j + 1).toArray();
    byte[] maskShares = new byte[x.length * Shamir.SHARE_LENGTH];
    byte[] selfShares = new byte[x.length * Shamir.SHARE_LENGTH];
    SecretStream coefficients = new SecretStream(secrets.coefficientKey);
    Shamir.split(secrets.maskSeed, threshold, x, coefficients, maskShares);
    Shamir.split(secrets.selfSeed, threshold, x, coefficients, selfShares);
    coefficients.wipe();
    byte[] sealed = new byte[sealedLength * neighbours.holderCount()];
    for (int k = 0; k < x.length; k++) {
      if (x[k] == members.own() + 1) {
        System.arraycopy(selfShares, k * Shamir.SHARE_LENGTH, ownSelfShare, 0, Shamir.SHARE_LENGTH);
      } else {
        seal(x[k] - 1, maskShares, selfShares, k * Shamir.SHARE_LENGTH, sealed);
      }
    }
    dealt.setCiphertexts(ByteString.copyFrom(sealed));
    Arrays.fill(maskShares, (byte) 0);
    Arrays.fill(selfShares, (byte) 0);
    return -1;
  }

  private void encapsulate() {
    if (kem == null) {
      return;
    }
    ByteString.Output ciphertexts = ByteString.newOutput();
    BitSet edges = neighbours.edges();
    for (int j = edges.nextSetBit(members.own()); j >= 0; j = edges.nextSetBit(j + 1)) {
      ciphertexts.write(kem.encapsulate(j, members.maskKemKey(j)), 0, MlKem768.CIPHERTEXT);
    }
    dealt.setMaskCiphertexts(ciphertexts.toByteString());
  }

  /** Seals the pair of shares that stands at {@code share}. */
  private void seal(int j, byte[] maskShares, byte[] selfShares, int share, byte[] sealed) {
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    Labels.putU32(j + 1, plaintext, 0);
    System.arraycopy(maskShares, share, plaintext, 4, Shamir.SHARE_LENGTH);
    System.arraycopy(selfShares, share, plaintext, 4 + Shamir.SHARE_LENGTH, Shamir.SHARE_LENGTH);
    int at = sealedLength * neighbours.place(j);
    byte[] key = channels.outgoing(j, sealed, at);
    byte[] data =
        transcript.shareData(members.own(), j, threshold, j + 1, maskSha256(members.own(), j));
    box.seal(key, data, plaintext, sealed, at + sealedLength - ShareBox.CIPHERTEXT);
    Arrays.fill(key, (byte) 0);
    Arrays.fill(plaintext, (byte) 0);
  }

  /** SHA-256 of the mask ciphertext from a dealer to a holder, one of them this client. */
  private byte[] maskSha256(int dealer, int holder) {
    return kem == null || dealer > holder
        ? NONE
        : kem.ciphertextSha256(dealer == members.own() ? holder : dealer);
  }

  /** What was sealed and encapsulated, in the order of the roster; unsigned. */
  ShareKeys.Builder dealt() {
    return dealt;
  }

  /** Neighbours in a set that have sent this client mask ciphertexts, if any are sent. */
  BitSet below(BitSet sharers) {
    BitSet below = neighbours.edges();
    below.and(sharers);
    below.clear(members.own(), members.size());
    return below;
  }

  /**
   * Opens what the sharers dealt to this client, and takes their mask ciphertexts. What does not
   * open is not held; the mask of such a member is added all the same.
   *
   * @param dealers of this client that have shared
   * @param sealed for each dealer, in the order of the roster
   * @param below neighbours below this client that have shared
   * @param maskCiphertexts of each of these, in the order of the roster; empty without ML-KEM
   */
  Holdings open(BitSet dealers, byte[] sealed, BitSet below, byte[] maskCiphertexts) {
    int own = members.own();
    int at = 0;
    for (int j = below.nextSetBit(0); kem != null && j >= 0; j = below.nextSetBit(j + 1)) {
      kem.decapsulate(j, Arrays.copyOfRange(maskCiphertexts, at, at + MlKem768.CIPHERTEXT));
      at += MlKem768.CIPHERTEXT;
    }
    Holdings held = new Holdings(own, ownSelfShare);
    byte[] plaintext = new byte[ShareBox.PLAINTEXT];
    at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      byte[] key = channels.incoming(j, sealed, at);
      at += sealedLength;
      byte[] data = transcript.shareData(j, own, threshold, own + 1, maskSha256(j, own));
      if (box.open(key, data, sealed, at - ShareBox.CIPHERTEXT, plaintext)) {
        held.add(j, plaintext);
      }
      Arrays.fill(key, (byte) 0);
    }
    Arrays.fill(plaintext, (byte) 0);
    channels.wipe();
    return held;
  }

  /** The ML-KEM half of this client's masks; null in a session without it. */
  @Nullable EdgeKem kem() {
    return kem;
  }

  /** Clears the keys of the channels and masks, and the share of the own self mask. */
  void destroy() {
    channels.wipe();
    if (kem != null) {
      kem.wipe();
    }
    Arrays.fill(ownSelfShare, (byte) 0);
  }

  @Override
  public String toString() {
    return "Dealer[redacted]";
  }
}
