package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.LocalMemory;

/**
 * What a simulated client remembers of its one job. What a round leaves counts once the client says
 * so: one that drops out earlier has died before it wrote anything.
 */
final class SimulatedMemory implements LocalMemory {
  private volatile float[] kept = {};
  private float[] pending = {};
  private ByteString session = ByteString.EMPTY;

  /** Nothing yet. */
  SimulatedMemory() {}

  /** What was kept before; empty if nothing. */
  SimulatedMemory(float[] kept) {
    this.kept = kept.clone();
  }

  @Override
  public float[] recall(String task) {
    return kept.clone();
  }

  @Override
  public void keep(String task, float[] values) {
    pending = values.clone();
  }

  /** The round has ended: what it left is kept. */
  void ended() {
    if (pending.length > 0) {
      kept = pending;
    }
  }

  /**
   * A session is offered: what a round left that did not end is gone.
   *
   * @return false for the session that was offered last
   */
  boolean begins(ByteString offered) {
    if (session.equals(offered)) {
      return false;
    }
    session = offered;
    pending = new float[0];
    return true;
  }
}
