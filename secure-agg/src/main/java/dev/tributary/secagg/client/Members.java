package dev.tributary.secagg.client;

import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.secagg.graph.Neighbours;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;

/**
 * What this client has verified of a roster: all of it, or on a sparse graph its neighbours.
 *
 * @param size roster indices
 * @param own this client's roster index
 * @param known by roster index
 * @param graph this client's neighbours, whether or not they have advertised
 */
record Members(
    Transcript transcript, int size, int own, Map<Integer, Member> known, Neighbours graph) {

  /** One member and its decoded identity key. */
  record Member(AdvertiseKeys keys, Signatures.PublicKey identity) {}

  /** The neighbours that have advertised. */
  Neighbours neighbours() {
    return known.size() == size ? graph : graph.within(present());
  }

  /** Neighbours among the members of a set that the coordinator has not shown. */
  BitSet hidden(BitSet set) {
    BitSet hidden = graph.edges();
    hidden.and(set);
    hidden.andNot(present());
    return hidden;
  }

  private BitSet present() {
    BitSet present = new BitSet();
    known.keySet().forEach(present::set);
    return present;
  }

  byte[] identityKey(int index) {
    return member(index).keys().getIdentityKey().toByteArray();
  }

  byte[] channelKey(int index) {
    return member(index).keys().getChannelKey().toByteArray();
  }

  byte[] maskKey(int index) {
    return member(index).keys().getMaskKey().toByteArray();
  }

  Signatures.PublicKey identity(int index) {
    return member(index).identity();
  }

  private Member member(int index) {
    return Objects.requireNonNull(known.get(index), "this client knows nobody of this index");
  }

  /** ML-KEM-768; empty in a session without it. */
  byte[] channelKemKey(int index) {
    return member(index).keys().getChannelKemKey().toByteArray();
  }

  /** ML-KEM-768; empty in a session without it. */
  byte[] maskKemKey(int index) {
    return member(index).keys().getMaskKemKey().toByteArray();
  }
}
