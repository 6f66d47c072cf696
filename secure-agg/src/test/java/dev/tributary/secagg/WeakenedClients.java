package dev.tributary.secagg;

import dev.tributary.secagg.client.Eavesdropper;
import dev.tributary.secagg.client.SumClient;
import dev.tributary.secagg.client.WeakClient;
import dev.tributary.secagg.client.WeakClient.Weakness;
import dev.tributary.secagg.testing.InjectedSa1;
import dev.tributary.secagg.testing.SumWorld;
import dev.tributary.secagg.testing.TwoSets;
import dev.tributary.wire.Machine;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Attacks, each run twice: against the deployed client, of whose vector the coordinator and its
 * colluders find nothing, and against one that leaves out the very check which stands in the way,
 * of which they find every element. Member 4 is attacked.
 */
abstract class WeakenedClients {

  static final int N = 12;
  static final int VICTIM = 4;

  SumWorld world;
  Eavesdropper eavesdropper;

  private static Machine client(SumSession session, boolean all, Weakness... weaknesses) {
    return weaknesses.length > 0 && (all || session.slot() == VICTIM)
        ? new WeakClient(
            session, weaknesses[0], Arrays.copyOfRange(weaknesses, 1, weaknesses.length))
        : new SumClient(session);
  }

  static SumWorld world(SumParameters parameters, boolean all, Weakness... weaknesses) {
    return new SumWorld(
        new InjectedSa1(session -> client(session, all, weaknesses)), parameters, 5);
  }

  String victimsEnd() {
    return ((SumResult.Aborted) world.results[VICTIM]).code();
  }

  static BitSet everybody(int n) {
    BitSet all = new BitSet();
    all.set(0, n);
    return all;
  }

  static BitSet everybodyBut(int member, int n) {
    BitSet others = everybody(n);
    others.clear(member);
    return others;
  }

  TwoSets lying(
      SumWorld.Network before,
      int expected,
      int[] colluders,
      Function<Map<Integer, int[]>, IntFunction<BitSet>> plan) {
    TwoSets lying = new TwoSets(world, before, expected, colluders, plan);
    eavesdropper = new Eavesdropper(world, VICTIM, colluders);
    world.network(eavesdropper.in(lying));
    return lying;
  }
}
