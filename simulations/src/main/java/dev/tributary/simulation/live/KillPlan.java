package dev.tributary.simulation.live;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which hosts are killed when: distinct hosts, at rounds drawn from the seed between a tenth and
 * seven tenths of the run, some moment after that round's predecessor has ended.
 */
record KillPlan(List<Kill> kills) {
  /**
   * One kill: the host, the round before it, milliseconds after that round, and how long it is
   * away.
   */
  record Kill(int host, int afterRound, long delayMillis, long awayMillis) {}

  static KillPlan of(long seed, int hosts, int rounds, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> candidates = new ArrayList<>();
    for (int host = 0; host < hosts; host++) {
      candidates.add(host);
    }
    List<Kill> kills = new ArrayList<>();
    int from = Math.max(1, rounds / 10);
    int to = Math.max(from + 1, rounds * 7 / 10);
    for (int i = 0; i < count && !candidates.isEmpty(); i++) {
      int host = candidates.remove(random.nextInt(candidates.size()));
      kills.add(
          new Kill(
              host,
              random.nextInt(from, to),
              random.nextLong(2_000),
              3_000 + random.nextLong(4_000)));
    }
    kills.sort(Comparator.comparingInt(Kill::afterRound).thenComparingInt(Kill::host));
    return new KillPlan(List.copyOf(kills));
  }
}
