package dev.tributary.secagg.client;

import java.util.BitSet;

/** U2 as the coordinator announced it, and the shares that this client holds of its members. */
final class Sharers {

  final Members members;
  final byte[] bitmap;
  final Holdings held;
  private final BitSet indices;

  Sharers(Members members, BitSet indices, byte[] bitmap, Holdings held) {
    this.members = members;
    this.indices = (BitSet) indices.clone();
    this.bitmap = bitmap;
    this.held = held;
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }
}
