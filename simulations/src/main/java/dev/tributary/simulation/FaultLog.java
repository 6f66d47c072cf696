package dev.tributary.simulation;

import dev.tributary.client.round.ClientOutcome;
import dev.tributary.coordinator.job.Job.Fault;
import dev.tributary.coordinator.job.Job.FaultKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What became of simulated clients, as they themselves know it. Safe for many threads. */
final class FaultLog {
  private final Map<Integer, Map<DropPhase, Integer>> drops = new TreeMap<>();
  private final List<Experiment.Happened> happened = new ArrayList<>();
  private final Set<Integer> lost = new HashSet<>();
  private @Nullable ClientOutcome firstDecline;

  private static final Comparator<Experiment.Happened> ORDER =
      Comparator.comparingDouble(Experiment.Happened::seconds)
          .thenComparing(each -> each.fault().client())
          .thenComparing(each -> each.fault().kind())
          .thenComparing(each -> each.fault().at());

  synchronized void dropped(int round, int client, DropPhase phase, Instant now) {
    Fault fault = new Fault(FaultKind.DROP, round, client, phase.word(), 0);
    happened(fault, Duration.between(VirtualShell.START, now).toNanos());
    drops.computeIfAbsent(round, r -> new EnumMap<>(DropPhase.class)).merge(phase, 1, Integer::sum);
  }

  /** Something of a script came true, at a time of the simulation. */
  synchronized void happened(Fault fault, long nanos) {
    happened.add(new Experiment.Happened(nanos / 1e9, fault));
  }

  /** What came true, in the order of time. */
  synchronized List<Experiment.Happened> happened() {
    return happened.stream().sorted(ORDER).toList();
  }

  /** A client is done with a round. One that could not train has declined it late. */
  synchronized void ended(int client, ClientOutcome outcome) {
    boolean declined =
        outcome.kind() == ClientOutcome.Kind.DECLINED || outcome.code().equals("training-failed");
    if (firstDecline == null && declined) {
      firstDecline = outcome;
    }
  }

  /** A round came to no sum. */
  synchronized void roundLost(int round) {
    lost.add(round);
  }

  /** Whether a round came to no sum. */
  synchronized boolean lost(int round) {
    return lost.contains(round);
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
