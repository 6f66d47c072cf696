package dev.tributary.secagg.client;

import com.google.protobuf.ByteString;
import dev.tributary.secagg.crypto.EdgeKem;
import dev.tributary.secagg.crypto.EdgeKeys;
import dev.tributary.secagg.crypto.Labels;
import dev.tributary.secagg.crypto.Masks;
import dev.tributary.secagg.crypto.Masks.Mask;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.Entry;
import dev.tributary.wire.RingPacking;
import dev.tributary.wire.RingVector;
import dev.tributary.wire.v1.MaskedInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * y_i = x_i + PRG(b_i) + sum over the neighbours j in U2 of sgn(i - j) PRG(s_ij), mod 2^w. Every
 * announced neighbour counts, whether or not its share ciphertext opened here: both ends of an edge
 * decide it by the graph and U2 alone.
 */
final class InputMasker {

  private final ClientState state;
  private final Sharers sharers;
  private final @Nullable EdgeKem kem;

  /**
   * A masker.
   *
   * @param kem the ML-KEM half of this client's masks, which is wiped when they are made; null in a
   *     session without it
   */
  InputMasker(ClientState state, Sharers sharers, @Nullable EdgeKem kem) {
    this.state = state;
    this.sharers = sharers;
    this.kem = kem;
  }

  /**
   * Masks, packs, signs and sends; the entry of the journal comes first.
   *
   * @return false, and nothing is sent, if a mask key is of low order
   */
  boolean send(RingVector input) {
    List<Mask> masks = new ArrayList<>();
    if (!collect(masks)) {
      return false;
    }
    int[] masked = new int[input.length()];
    input.read(0, masked, masked.length);
    Masks.apply(masks, masked, 0, masked.length);
    masks.forEach(Mask::wipe);
    byte[] packed =
        new byte[Math.toIntExact(RingPacking.packedLength(masked.length, input.bits()))];
    RingPacking.pack(masked, 0, masked.length, input.bits(), packed, 0);
    byte[] sha256 = Labels.sha256(packed);
    Transcript transcript = sharers.members.transcript();
    byte[] signature =
        state.session.identity().signLabelled(transcript.input(sharers.bitmap, sha256));
    MaskedInput header =
        MaskedInput.newBuilder()
            .setLength(packed.length)
            .setSha256(ByteString.copyFrom(sha256))
            .setSignature(ByteString.copyFrom(signature))
            .build();
    state.persist(Entry.Kind.CONTRIBUTED, state.sid);
    state.send(state.message().setMaskedInput(header).build(), state.session.keep(packed));
    return true;
  }

  private boolean collect(List<Mask> masks) {
    Members members = sharers.members;
    int own = members.own();
    EdgeKeys keys = new EdgeKeys(members.transcript());
    byte[] maskSecret =
        state.beforeRoster.maskSecret(state.secrets.maskSeed, state.session.identity().publicKey());
    masks.add(new Mask(keys.self(state.secrets.selfSeed, own), true));
    BitSet others = sharers.edges();
    byte[][] edges =
        keys.edges(
            maskSecret,
            own,
            others,
            others.stream().mapToObj(members::maskKey).toArray(byte[][]::new),
            kem);
    if (edges != null) {
      int at = 0;
      for (int j = others.nextSetBit(0); j >= 0; j = others.nextSetBit(j + 1)) {
        masks.add(new Mask(edges[at++], own > j));
      }
    }
    Arrays.fill(maskSecret, (byte) 0);
    keys.wipe();
    if (kem != null) {
      kem.wipe();
    }
    return edges != null;
  }
}
