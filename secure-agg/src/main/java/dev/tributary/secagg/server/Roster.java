package dev.tributary.secagg.server;

import dev.tributary.secagg.crypto.Signatures;
import dev.tributary.secagg.crypto.Transcript;
import dev.tributary.wire.Bitmap;
import dev.tributary.wire.v1.AdvertiseKeys;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * U1 and what follows from it. The roster index of a member is its place among the slots of U1.
 *
 * @param members by roster index
 * @param keys decoded identity keys by roster index
 * @param slots by roster index
 */
record Roster(
    Transcript transcript,
    List<AdvertiseKeys> members,
    List<Signatures.PublicKey> keys,
    List<Integer> slots) {

  int size() {
    return members.size();
  }

  /** The roster index of a slot of U1. */
  int index(int slot) {
    int index = Collections.binarySearch(slots, slot);
    if (index < 0) {
      throw new IllegalArgumentException("slot " + slot + " is not in the roster");
    }
    return index;
  }

  /** Roster indices of slots of U1. */
  BitSet indices(BitSet ofSlots) {
    BitSet indices = new BitSet();
    for (int i = 0; i < slots.size(); i++) {
      indices.set(i, ofSlots.get(slots.get(i)));
    }
    return indices;
  }

  byte[] bitmap(BitSet indices) {
    return Bitmap.encode(indices, size());
  }
}
