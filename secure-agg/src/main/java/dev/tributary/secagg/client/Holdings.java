package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.Shamir;
import dev.tributary.secagg.crypto.ShareBox;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The shares that this client holds of others' secrets, by dealer, and of its own self mask. Wiped
 * by {@link #destroy()}; prints nothing.
 */
final class Holdings {

  private static final int POINT = 4;

  private final Map<Integer, byte[]> pairs = new HashMap<>();
  private final int own;
  private final byte[] ownSelfShare;

  /** No shares of others yet. */
  Holdings(int own, byte[] ownSelfShare) {
    this.own = own;
    this.ownSelfShare = ownSelfShare;
  }

  /**
   * Takes in an opened pair.
   *
   * @return false if it is not for this holder, or its limbs are out of range
   */
  boolean add(int dealer, byte[] plaintext) {
    int x =
        ((plaintext[0] & 0xFF) << 24)
            | ((plaintext[1] & 0xFF) << 16)
            | ((plaintext[2] & 0xFF) << 8)
            | (plaintext[3] & 0xFF);
    if (x != own + 1
        || plaintext.length != ShareBox.PLAINTEXT
        || !Shamir.isShare(plaintext, POINT)
        || !Shamir.isShare(plaintext, POINT + Shamir.SHARE_LENGTH)) {
      return false;
    }
    pairs.put(dealer, plaintext.clone());
    return true;
  }

  /** Dealers of a set whose shares this client holds. */
  BitSet of(BitSet members) {
    BitSet both = new BitSet();
    pairs.keySet().stream().filter(members::get).forEach(both::set);
    return both;
  }

  /** Mask seed shares of these dealers, in their order, 40 bytes each. */
  ByteString maskSeedShares(BitSet of) {
    return shares(of, POINT);
  }

  /**
   * Self mask shares of these dealers, in their order, 40 bytes each; this client's own among them.
   */
  ByteString selfMaskShares(BitSet of) {
    return shares(of, POINT + Shamir.SHARE_LENGTH);
  }

  private ByteString shares(BitSet of, int at) {
    byte[] shares = new byte[of.cardinality() * Shamir.SHARE_LENGTH];
    int to = 0;
    for (int j = of.nextSetBit(0); j >= 0; j = of.nextSetBit(j + 1)) {
      if (j == own) {
        System.arraycopy(ownSelfShare, 0, shares, to, Shamir.SHARE_LENGTH);
      } else {
        byte[] pair = Objects.requireNonNull(pairs.get(j), "no shares of this dealer");
        System.arraycopy(pair, at, shares, to, Shamir.SHARE_LENGTH);
      }
      to += Shamir.SHARE_LENGTH;
    }
    return ByteString.copyFrom(shares);
  }

  void destroy() {
    Arrays.fill(ownSelfShare, (byte) 0);
    pairs.values().forEach(pair -> Arrays.fill(pair, (byte) 0));
    pairs.clear();
  }

  @Override
  public String toString() {
    return "Holdings[" + pairs.size() + " dealers, redacted]";
  }
}
