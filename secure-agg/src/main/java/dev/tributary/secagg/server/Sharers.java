package dev.tributary.secagg.server;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.SumSteps;
import dev.tributary.wire.v1.Shares;
import java.util.BitSet;

/** U2: who shared, and the ciphertexts that are relayed. */
final class Sharers {

  final Roster roster;
  final byte[] bitmap;
  private final BitSet indices;
  private final ByteString[] ciphertexts;

  /**
   * The sharers.
   *
   * @param ciphertexts by roster index; read only for sharers
   */
  Sharers(Roster roster, BitSet indices, ByteString[] ciphertexts) {
    this.roster = roster;
    this.indices = (BitSet) indices.clone();
    this.bitmap = roster.bitmap(indices);
    this.ciphertexts = ciphertexts.clone();
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }

  /** What the sharers addressed to one of them, in the order of the roster. */
  Shares addressedTo(int index) {
    BitSet dealers = roster.neighbours(index).dealers();
    dealers.and(indices);
    byte[] addressed = new byte[SumSteps.CIPHERTEXT * dealers.cardinality()];
    int at = 0;
    for (int j = dealers.nextSetBit(0); j >= 0; j = dealers.nextSetBit(j + 1)) {
      int from = SumSteps.CIPHERTEXT * roster.neighbours(j).place(index);
      ciphertexts[j].substring(from, from + SumSteps.CIPHERTEXT).copyTo(addressed, at);
      at += SumSteps.CIPHERTEXT;
    }
    return Shares.newBuilder()
        .setSharers(ByteString.copyFrom(bitmap))
        .setCiphertexts(ByteString.copyFrom(addressed))
        .build();
  }
}
