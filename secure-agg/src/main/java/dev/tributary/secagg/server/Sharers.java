package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumParameters;
import dev.tributary.secagg.SumSteps;
import dev.tributary.secagg.crypto.MlKem768;
import dev.tributary.wire.v1.ShareKeys;
import dev.tributary.wire.v1.Shares;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** U2: who shared, and the ciphertexts that are relayed. */
final class Sharers {

  final Roster roster;
  final byte[] bitmap;
  private final BitSet indices;
  private final @Nullable ShareKeys[] dealt;
  private final int sealedLength;
  private final boolean postQuantum;

  /**
   * The sharers.
   *
   * @param dealt by roster index; there for sharers at least
   */
  Sharers(SumParameters parameters, Roster roster, BitSet indices, @Nullable ShareKeys[] dealt) {
    this.roster = roster;
    this.indices = (BitSet) indices.clone();
    this.bitmap = roster.bitmap(indices);
    this.dealt = dealt.clone();
    this.sealedLength = SumSteps.sealedLength(parameters);
    this.postQuantum = parameters.postQuantum();
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }

  /** What the sharers addressed to one of them, in the order of the roster. */
  Shares addressedTo(int index) {
    BitSet dealers = roster.neighbours(index).dealers();
    dealers.and(indices);
    byte[] sealed = new byte[sealedLength * dealers.cardinality()];
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      int from = sealedLength * roster.neighbours(j).place(index);
      dealt(j).getCiphertexts().substring(from, from + sealedLength).copyTo(sealed, at);
      at += sealedLength;
    }
    return Shares.newBuilder()
        .setSharers(ByteString.copyFrom(bitmap))
        .setCiphertexts(ByteString.copyFrom(sealed))
        .setMaskCiphertexts(postQuantum ? maskCiphertexts(index) : ByteString.EMPTY)
        .build();
  }

  private ByteString maskCiphertexts(int index) {
    BitSet below = roster.neighbours(index).edges();
    below.and(indices);
    below.clear(index, roster.size());
    byte[] ciphertexts = new byte[MlKem768.CIPHERTEXT * below.cardinality()];
    int at = 0;
    for (int j = below.nextSetBit(0); j >= 0; j = below.nextSetBit(j + 1)) {
      maskCiphertext(j, index).copyTo(ciphertexts, at);
      at += MlKem768.CIPHERTEXT;
    }
    return ByteString.copyFrom(ciphertexts);
  }

  /** The mask ciphertext from a sharer to a neighbour above it, 1088 bytes, as it signed it. */
  ByteString maskCiphertext(int sharer, int above) {
    int place = roster.neighbours(sharer).edges().get(sharer, above).cardinality();
    int from = MlKem768.CIPHERTEXT * place;
    return dealt(sharer).getMaskCiphertexts().substring(from, from + MlKem768.CIPHERTEXT);
  }

  private ShareKeys dealt(int sharer) {
    return Objects.requireNonNull(dealt[sharer], "no sharer");
  }
}
