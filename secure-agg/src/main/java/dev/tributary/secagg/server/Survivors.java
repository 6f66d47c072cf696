package dev.tributary.secagg.server;

import java.util.BitSet;

/** U3: whose inputs are in the sum, by slot and by roster index. */
final class Survivors {

  final Sharers sharers;
  final Roster roster;
  final byte[] bitmap;
  private final BitSet slots;
  private final BitSet indices;

  Survivors(Sharers sharers, BitSet slots) {
    this.sharers = sharers;
    this.roster = sharers.roster;
    this.slots = (BitSet) slots.clone();
    this.indices = roster.indices(slots);
    this.bitmap = roster.bitmap(indices);
  }

  /** Slots, a copy. */
  BitSet slots() {
    return (BitSet) slots.clone();
  }

  /** Roster indices, a copy. */
  BitSet indices() {
    return (BitSet) indices.clone();
  }

  /** U2 \ U3: others have masked with them, their inputs are not in the sum. */
  BitSet lost() {
    BitSet lost = sharers.indices();
    lost.andNot(indices);
    return lost;
  }
}
