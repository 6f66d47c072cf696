package dev.tributary.simulation.bench;

import dev.tributary.privacy.Budget;
import dev.tributary.privacy.InMemoryLedgerStorage;
import dev.tributary.privacy.Ledger;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a round costs the ledger, after few rounds and after many. */
final class LedgerBench {
  private static final PrivacyEvent EVENT =
      new PrivacyEvent.DistributedDiscreteGaussian(8192, 2930, 84, 8192);
  private static final Budget BUDGET = new Budget("bench", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);

  private LedgerBench() {}

  static List<String> lines(int turns) {
    List<String> lines = new ArrayList<>();
    double few = 0;
    for (int rounds : new int[] {100, 10_000}) {
      double seconds = secondsOfARound(rounds, Math.max(2, turns));
      few = rounds == 100 ? seconds : few;
      lines.add(
          String.format(
                  Locale.ROOT,
                  "%-28s %8.3f ms   %s",
                  String.format(Locale.ROOT, "ledger, after %,d rounds", rounds),
                  seconds * 1e3,
                  rounds == 100
                      ? ""
                      : String.format(Locale.ROOT, "%.2f times that after 100", seconds / few))
              .stripTrailing());
    }
    return lines;
  }

  /** Of attaching to the storage, reserving, seeing, committing, and asking what was spent. */
  private static double secondsOfARound(int before, int turns) {
    InMemoryLedgerStorage storage = new InMemoryLedgerStorage();
    Ledger ledger = Ledger.create(storage, BUDGET);
    for (int round = 0; round < before; round++) {
      round(ledger, round);
    }
    double best = Double.POSITIVE_INFINITY;
    int next = before;
    for (int turn = 0; turn < turns; turn++) {
      long start = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        ledger.attach(storage);
        round(ledger, next++);
        ledger.released();
        ledger.coordinatorView();
      }
      best = Math.min(best, (System.nanoTime() - start) * 1e-10);
    }
    return best;
  }

  /** Each client is in every tenth round of eighty, as in the demo's schedule. */
  private static void round(Ledger ledger, int round) {
    ledger.reserve("bench", round, EVENT, 1 + round % 80 / 10);
    ledger.coordinatorSaw("bench", round);
    ledger.commit("bench", round);
  }
}
