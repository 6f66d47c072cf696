package dev.tributary.secagg.server;

import dev.tributary.secagg.DropReason;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** Who of the cohort is alive, whose input was accepted, and why the others left. Slots from 0. */
final class Cohort {

  private final int size;
  private final BitSet alive = new BitSet();
  private final BitSet accepted = new BitSet();
  private final Map<Integer, DropReason> dropped = new TreeMap<>();

  Cohort(int size) {
    this.size = size;
    alive.set(0, size);
  }

  boolean contains(int slot) {
    return slot >= 0 && slot < size;
  }

  boolean isAlive(int slot) {
    return alive.get(slot);
  }

  /** The living, a copy. */
  BitSet alive() {
    return (BitSet) alive.clone();
  }

  /** Takes a member out; the first reason stays. */
  void drop(int slot, DropReason reason) {
    if (alive.get(slot)) {
      alive.clear(slot);
      dropped.put(slot, reason);
    }
  }

  void accept(int slot) {
    accepted.set(slot);
  }

  /** Slots whose inputs were accepted, a copy. They are in the sum whatever becomes of them. */
  BitSet accepted() {
    return (BitSet) accepted.clone();
  }

  /** Members that are in the sum or may still come into it. */
  int hopeful() {
    BitSet either = accepted();
    either.or(alive);
    return either.cardinality();
  }

  Map<Integer, DropReason> dropped() {
    return Map.copyOf(dropped);
  }
}
