package dev.tributary.coordinator;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Who has which slot of a round: its members, and in the slots of those that are not there the
 * spares that are, in the order in which they were drawn.
 *
 * @param cohort population indices by slot
 * @param absent slots of members that are not there and that no spare was left for
 * @param drawn whose turn is over with the round: all that were drawn, up to the last spare that
 *     has a slot
 */
record Seats(List<Integer> cohort, BitSet absent, List<Integer> drawn) {

  /**
   * Gives slots to who was drawn.
   *
   * @param drawn the members of the cohort, then its spares
   * @param size of the cohort
   * @param missing places of {@code drawn} whose member is not there
   */
  static Seats of(List<Integer> drawn, int size, BitSet missing) {
    List<Integer> cohort = new ArrayList<>(drawn.subList(0, size));
    BitSet absent = missing.get(0, size);
    int over = size;
    for (int slot = absent.nextSetBit(0); slot >= 0; slot = absent.nextSetBit(slot + 1)) {
      int spare = missing.nextClearBit(over);
      if (spare >= drawn.size()) {
        break;
      }
      cohort.set(slot, drawn.get(spare));
      absent.clear(slot);
      over = spare + 1;
    }
    return new Seats(cohort, absent, List.copyOf(drawn.subList(0, over)));
  }

  /** Members that are there. */
  int there() {
    return cohort.size() - absent.cardinality();
  }

  /** Slots that a spare has. */
  int replaced() {
    List<Integer> first = drawn.subList(0, cohort.size());
    int replaced = 0;
    for (int slot = 0; slot < cohort.size(); slot++) {
      replaced += cohort.get(slot).equals(first.get(slot)) ? 0 : 1;
    }
    return replaced;
  }
}
