package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.LocalMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * What a simulated client remembers of its one job. What a round leaves counts once the client says
 * so: one that drops out earlier has died before it wrote anything.
 */
final class SimulatedMemory implements LocalMemory {
  private volatile float[] kept = {};
  private float[] pending = {};
  private int round;

  /** Those that were offered since the round began. */
  private final List<ByteString> sessions = new ArrayList<>(1);

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
   * @return false for a session that was offered before, and for one of a round before the last
   *     that this client took part in: a deployed client asks for its offers, and is told the
   *     newest
   */
  boolean begins(int ofRound, ByteString offered) {
    if (ofRound < round || sessions.contains(offered)) {
      return false;
    }
    sessions.add(offered);
    pending = new float[0];
    return true;
  }

  /** The offer that came last was the coordinator's. */
  void accepted(int ofRound) {
    if (ofRound > round) {
      round = ofRound;
      sessions.subList(0, sessions.size() - 1).clear();
    }
  }
}
