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
    byte[] addressed = new byte[SumSteps.CIPHERTEXT * (indices.cardinality() - 1)];
    int at = 0;
    for (int j = indices.nextSetBit(0); j >= 0; j = indices.nextSetBit(j + 1)) {
      if (j != index) {
        // Dealer j left itself out, so what stands behind it has moved up by one.
        int place = index < j ? index : index - 1;
        int from = SumSteps.CIPHERTEXT * place;
        ciphertexts[j].substring(from, from + SumSteps.CIPHERTEXT).copyTo(addressed, at);
        at += SumSteps.CIPHERTEXT;
      }
    }
    return Shares.newBuilder()
        .setSharers(ByteString.copyFrom(bitmap))
        .setCiphertexts(ByteString.copyFrom(addressed))
        .build();
  }
}
