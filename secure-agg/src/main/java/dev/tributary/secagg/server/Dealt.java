package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.wire.Scratch;
import dev.tributary.wire.v1.ShareKeys;
import java.util.Arrays;

/**
 * What members dealt, by roster index: ciphertexts in the session's {@link Scratch}, and on the
 * heap where they stand there and who signed them.
 */
final class Dealt {

  private final Scratch scratch;
  private final long[] ciphertexts;
  private final long[] maskCiphertexts;
  private final int[] lengths;
  private final int[] maskLengths;
  private final ByteString[] signatures;

  Dealt(Scratch scratch, int n) {
    this.scratch = scratch;
    this.ciphertexts = new long[n];
    this.maskCiphertexts = new long[n];
    this.lengths = new int[n];
    this.maskLengths = new int[n];
    this.signatures = new ByteString[n];
    Arrays.fill(signatures, ByteString.EMPTY);
  }

  /**
   * Keeps what a member dealt.
   *
   * @throws java.io.UncheckedIOException if it cannot be kept
   */
  void put(int dealer, ShareKeys shares) {
    ciphertexts[dealer] = scratch.append(shares.getCiphertexts());
    lengths[dealer] = shares.getCiphertexts().size();
    maskCiphertexts[dealer] = scratch.append(shares.getMaskCiphertexts());
    maskLengths[dealer] = shares.getMaskCiphertexts().size();
    signatures[dealer] = shares.getSignature();
  }

  /** Reads some of the share ciphertexts of a dealer. */
  void read(int dealer, int from, int length, byte[] into, int at) {
    scratch.read(ciphertexts[dealer] + from, into, at, length);
  }

  /** Reads some of the mask ciphertexts of a dealer. */
  void readMasks(int dealer, int from, int length, byte[] into, int at) {
    scratch.read(maskCiphertexts[dealer] + from, into, at, length);
  }

  /** The message as it was signed. */
  ShareKeys message(int dealer) {
    byte[] sealed = new byte[lengths[dealer]];
    byte[] masks = new byte[maskLengths[dealer]];
    read(dealer, 0, sealed.length, sealed, 0);
    readMasks(dealer, 0, masks.length, masks, 0);
    return ShareKeys.newBuilder()
        .setCiphertexts(ByteString.copyFrom(sealed))
        .setMaskCiphertexts(ByteString.copyFrom(masks))
        .setSignature(signatures[dealer])
        .build();
  }
}
