package dev.tributary.simulation;

import com.google.protobuf.ByteString;
import dev.tributary.client.round.LocalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What a simulated client remembers of its one job. What a round leaves counts once the client says
 * so: one that drops out earlier has died before it wrote anything. The masked sum tells its
 * clients that they are counted in; a plain one is over for them with their input, so what a round
 * left that came to no sum is taken back when the next begins.
 */
final class SimulatedMemory implements LocalMemory {
  private volatile float[] kept = {};
  private float[] before = {};
  private float[] pending = {};
  private final IntPredicate lost;
  private int round;
  private int keptIn = -1;

  /** Those that were offered since the round began. */
  private final List<ByteString> sessions = new ArrayList<>(1);

  /**
   * Nothing yet.
   *
   * @param lost which rounds came to no sum, behind the back of clients that were done with them
   */
  SimulatedMemory(IntPredicate lost) {
    this.lost = lost;
  }

  /** What was kept before; empty if nothing. */
  SimulatedMemory(float[] kept) {
    this(round -> false);
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
      before = kept;
      kept = pending;
      keptIn = round;
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
    if (keptIn >= 0 && lost.test(keptIn)) {
      kept = before;
      keptIn = -1;
    }
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
