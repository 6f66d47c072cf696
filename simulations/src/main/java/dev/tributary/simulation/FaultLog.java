package dev.tributary.simulation;

import dev.tributary.client.round.ClientOutcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What became of simulated clients, as they themselves know it. Safe for many threads. */
final class FaultLog {
  private final Map<Integer, Map<DropPhase, Integer>> drops = new TreeMap<>();
  private @Nullable ClientOutcome firstDecline;

  synchronized void dropped(int round, DropPhase phase) {
    drops.computeIfAbsent(round, r -> new EnumMap<>(DropPhase.class)).merge(phase, 1, Integer::sum);
  }

  synchronized void ended(int client, ClientOutcome outcome) {
    if (firstDecline == null && outcome.kind() == ClientOutcome.Kind.DECLINED) {
      firstDecline = outcome;
    }
  }

  /** Clients that left after their input was in the sum. */
  synchronized int late(int round) {
    Map<DropPhase, Integer> ofRound = drops.getOrDefault(round, Map.of());
    return ofRound.getOrDefault(DropPhase.SIGN, 0) + ofRound.getOrDefault(DropPhase.UNMASK, 0);
  }

  /** Why the first client that declined did so, if any did. */
  synchronized @Nullable ClientOutcome firstDecline() {
    return firstDecline;
  }
}
