package dev.tributary.nn.engine.java.vector;

import jdk.incubator.vector.FloatVector;

/** The width of the vectors that this machine prefers. */
public final class VectorShape {
  private VectorShape() {}

  /** Floats per vector. */
  public static int lanes() {
    return FloatVector.SPECIES_PREFERRED.length();
  }
}
