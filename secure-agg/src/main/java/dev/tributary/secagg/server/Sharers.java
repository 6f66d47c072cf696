package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.wire.Body;
import dev.tributary.wire.v1.Envelope;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Shares;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.BitSet;

/** U2: who shared, and the ciphertexts that are relayed. */
final class Sharers {

  final Roster roster;
  final byte[] bitmap;
  private final BitSet indices;
  private final Dealt dealt;
  private final int sealedLength;
  private final boolean postQuantum;

  /**
   * The sharers.
   *
   * @param dealt by roster index; there for sharers at least
   */
  Sharers(SumParameters parameters, Roster roster, BitSet indices, Dealt dealt) {
    this.roster = roster;
    this.indices = (BitSet) indices.clone();
    this.bitmap = roster.bitmap(indices);
    this.dealt = dealt;
    this.sealedLength = SumSteps.sealedLength(parameters);
    this.postQuantum = parameters.postQuantum();
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }

  /** A message that says who shared, without what they addressed to the receiver. */
  Shares announced() {
    return Shares.newBuilder().setSharers(ByteString.copyFrom(bitmap)).build();
  }

  /** The rest of that message to one of them, read whenever it is opened. */
  Body rest(int index) {
    BitSet dealers = roster.neighbours(index).dealers();
    dealers.and(indices);
    int sealed = sealedLength * dealers.cardinality();
    int masks = postQuantum ? MlKem768.CIPHERTEXT * below(index).cardinality() : 0;
    int shares = encoded(sealed) + encoded(masks);
    return new Body() {
      @Override
      public long length() {
        return 1L + CodedOutputStream.computeUInt32SizeNoTag(shares) + shares;
      }

      @Override
      public InputStream open() throws IOException {
        try {
          Shares.Builder rest = addressedTo(index).toBuilder().clearSharers();
          return Envelope.newBuilder().setShares(rest).build().toByteString().newInput();
        } catch (UncheckedIOException e) {
          throw new IOException(e);
        }
      }

      @Override
      public String toString() {
        return "Body[shares for " + index + ", " + length() + " bytes]";
      }
    };
  }

  /** Bytes of a field with a tag of one byte and this many bytes in it; none if it is empty. */
  private static int encoded(int length) {
    return length == 0 ? 0 : 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
  }

  /** What the sharers addressed to one of them, in the order of the roster. */
  Shares addressedTo(int index) {
    BitSet dealers = roster.neighbours(index).dealers();
    dealers.and(indices);
    byte[] sealed = new byte[sealedLength * dealers.cardinality()];
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      int from = sealedLength * roster.neighbours(j).place(index);
      dealt.read(j, from, sealedLength, sealed, at);
      at += sealedLength;
    }
    return Shares.newBuilder()
        .setSharers(ByteString.copyFrom(bitmap))
        .setCiphertexts(ByteString.copyFrom(sealed))
        .setMaskCiphertexts(postQuantum ? maskCiphertexts(index) : ByteString.EMPTY)
        .build();
  }

  private BitSet below(int index) {
    BitSet below = roster.neighbours(index).edges();
    below.and(indices);
    below.clear(index, roster.size());
    return below;
  }

  private ByteString maskCiphertexts(int index) {
    BitSet below = below(index);
    byte[] ciphertexts = new byte[MlKem768.CIPHERTEXT * below.cardinality()];
    int at = 0;
    for (int j = below.nextSetBit(0); j >= 0; j = below.nextSetBit(j + 1)) {
      dealt.readMasks(j, place(j, index), MlKem768.CIPHERTEXT, ciphertexts, at);
      at += MlKem768.CIPHERTEXT;
    }
    return ByteString.copyFrom(ciphertexts);
  }

  /** The mask ciphertext from a sharer to a neighbour above it, 1088 bytes, as it signed it. */
  byte[] maskCiphertext(int sharer, int above) {
    byte[] ciphertext = new byte[MlKem768.CIPHERTEXT];
    dealt.readMasks(sharer, place(sharer, above), ciphertext.length, ciphertext, 0);
    return ciphertext;
  }

  /** Where the mask ciphertext to a neighbour above stands among those of its sender. */
  private int place(int sharer, int above) {
    return MlKem768.CIPHERTEXT * roster.neighbours(sharer).edges().get(sharer, above).cardinality();
  }

  /** What a sharer dealt, as it signed it. */
  ShareKeys signed(int sharer) {
    return dealt.message(sharer);
  }
}
