package dev.tributary.privacy;

/**
 * Which two runs a guarantee compares. The sensitivity of a mechanism follows from it, so two
 * guarantees compare only under the same relation.
 */
public enum Relation {
  /** One unit is there or is not there at all. Never for noise that the units themselves make. */
  ADD_REMOVE,
  /** One unit stays, makes its noise share and sends zero in place of its value. */
  ZERO_OUT,
  /** One unit sends any other value within the clip: twice the sensitivity. */
  REPLACE_ONE
}
