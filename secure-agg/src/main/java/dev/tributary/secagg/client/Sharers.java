package dev.tributary.secagg.client;

import dev.tributary.secagg.graph.Neighbours;
import java.util.BitSet;

/**
 * U2 as the coordinator announced it, and what of it concerns this client: with whom it masks,
 * whose shares it holds, whose it ought to hold and cannot read.
 */
final class Sharers {

  final Members members;
  final byte[] bitmap;
  final Holdings held;
  private final Neighbours neighbours;
  private final BitSet indices;
  private final BitSet unreadable;

  /**
   * The sharers.
   *
   * @param unreadable dealers whose ciphertext did not open
   */
  Sharers(
      Members members,
      Neighbours neighbours,
      BitSet indices,
      byte[] bitmap,
      Holdings held,
      BitSet unreadable) {
    this.members = members;
    this.neighbours = neighbours;
    this.unreadable = (BitSet) unreadable.clone();
    this.indices = (BitSet) indices.clone();
    this.bitmap = bitmap;
    this.held = held;
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }

  /** With whom this client masks. */
  BitSet edges() {
    BitSet edges = neighbours.edges();
    edges.and(indices);
    return edges;
  }

  /** Live neighbours in a set of sharers: one whose shares cannot be read is none. */
  int live(BitSet set) {
    BitSet read = (BitSet) set.clone();
    read.andNot(unreadable);
    return neighbours.live(read);
  }
}
